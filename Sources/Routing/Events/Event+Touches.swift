/// Whom an event names. Two events of a batch that name a common one must be applied one after the other.
extension Event {
  /// The conversation that the event names.
  public var conversation: ConversationID? {
    switch kind {
    case .open(let open): open.conversation
    case .message(let conversation, _, _, _), .handoff(let conversation, _), .status(let conversation),
      .close(let conversation, _), .transfer(let conversation, _, _, _), .accept(let conversation, _),
      .rate(let conversation, _, _):
      conversation
    case .agentOnline, .agentPause, .agentOffline, .agentHeartbeat, .customerUpdate, .customerForget,
      .emergency:
      nil
    }
  }

  /// The customer that the event names. Only `conversation.open` and the customer's own events do; the
  /// others name a conversation, whose customer is known to the store.
  public var customer: CustomerID? {
    switch kind {
    case .open(let open): open.customer.id
    case .customerUpdate(let customer, _): customer.id
    case .customerForget(let customer): customer
    case .message, .handoff, .status, .close, .transfer, .accept, .rate, .agentOnline, .agentPause,
      .agentOffline, .agentHeartbeat, .emergency:
      nil
    }
  }

  /// The agent that the event names: the one it is about, who speaks or accepts, or who is asked for. Not
  /// the dedicated agent of `customer.update`, who is only noted down with the customer.
  public var agent: AgentID? {
    switch kind {
    case .open(let open): open.agent
    case .message(_, _, _, let agent): agent
    case .transfer(_, .agent(let agent), _, _): agent
    case .accept(_, let agent), .agentOnline(let agent, _), .agentPause(let agent), .agentOffline(let agent),
      .agentHeartbeat(let agent):
      agent
    case .handoff, .status, .close, .transfer(_, .group, _, _), .rate, .customerUpdate, .customerForget,
      .emergency:
      nil
    }
  }
}
