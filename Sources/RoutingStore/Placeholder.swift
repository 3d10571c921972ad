import Routing
extension Rejection { var commandFields: String { ",\"error\":\"x\"" } }
