extension Mutants {
  /// What must happen when the last moments are lost.
  static let durability = [
    Mutant(controlFor: .redisKillEverysec),
    Mutant(
      "numbers of commands go on though the last were lost", by: .redisKillEverysec,
      "  if outcome == 'lost' then jump(b) end\n", ""),
    Mutant(
      "leases outlive the data that they were taken in", by: .redisKillEverysec,
      "  void_leases(b, tonumber(args[4]))\n", ""),
  ]
}
