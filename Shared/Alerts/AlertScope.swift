/// What a rule looks at: everything, an agent, a model, or an agent with a model.
package enum AlertScope: Hashable, Sendable {
    case global
    case agent(String)
    case model(String)
    case agentModel(agent: String, model: String)

    /// The name in states, events and answers, such as `agent:planner`.
    package var name: String {
        switch self {
        case .global: "global"
        case .agent(let agent): "agent:\(agent)"
        case .model(let model): "model:\(model)"
        case .agentModel(let agent, let model): "agent_model:\(agent)|\(model)"
        }
    }

    /// `<agentId>|<modelId>`; the first `|` parts them.
    package init?(agentModel reference: String) {
        guard let bar = reference.firstIndex(of: "|") else { return nil }
        let (agent, model) = (String(reference[..<bar]), String(reference[reference.index(after: bar)...]))
        guard !agent.isEmpty, !model.isEmpty else { return nil }
        self = .agentModel(agent: agent, model: model)
    }

    /// Reads what ``name`` wrote.
    package init?(name: String) {
        guard name != "global" else {
            self = .global
            return
        }
        guard let colon = name.firstIndex(of: ":") else { return nil }
        let rest = String(name[name.index(after: colon)...])
        guard !rest.isEmpty else { return nil }
        switch name[..<colon] {
        case "agent": self = .agent(rest)
        case "model": self = .model(rest)
        case "agent_model": self.init(agentModel: rest)
        default: return nil
        }
    }

    package var agent: String? {
        switch self {
        case .agent(let agent), .agentModel(let agent, _): agent
        case .global, .model: nil
        }
    }

    package var model: String? {
        switch self {
        case .model(let model), .agentModel(_, let model): model
        case .global, .agent: nil
        }
    }
}
