/// The fields of a JSON object by key: for objects that are not read often enough to deserve a structure
/// of their own, as events do.
struct MemberIndex {
  private var indexes: [String: Int32] = [:]

  /// The members of the object that `document` is.
  init(of document: JSONDocument) {
    document.forEachMember(of: 0) { key, value in indexes[document.text(key)] = value }
  }

  /// The index of a key's value among the nodes, 0 if there is no such key.
  subscript(key: String) -> Int32 { indexes[key] ?? 0 }
}
