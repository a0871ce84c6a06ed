/** What a dashboard asks: the README's tour of GraphQL. */
export const DASHBOARD_OPERATIONS = /* GraphQL */ `
  query Dashboard($first: Int!) {
    widgets(first: $first) {
      nodes {
        id
        published
        domains
        agent {
          name
        }
        agentVersion {
          version
          published
        }
        readiness {
          live
          blockers {
            code
            message
          }
          warnings {
            code
          }
        }
        conversations(first: 5) {
          nodes {
            id
            status
            userTurnCount
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }

  mutation EditDraft($agentId: UUID!, $config: JSONObject!) {
    updateAgentVersion(agentId: $agentId, version: "latest", input: { config: $config }) {
      id
      version
      published
    }
  }

  mutation Publish($agentId: UUID!, $version: AgentVersionRef!) {
    publishAgentVersion(agentId: $agentId, version: $version) {
      id
      version
      published
      publishedAt
    }
  }

  mutation PointWidget($id: UUID!, $input: UpdateWidgetInput!) {
    updateWidget(id: $id, input: $input) {
      id
      published
      config
      readiness {
        live
        blockers {
          code
        }
      }
    }
  }

  query ReadConversations($status: ConversationStatus, $after: String) {
    conversations(first: 2, status: $status, after: $after) {
      nodes {
        id
        status
        createdAt
        agent {
          name
        }
        customMetadata
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;
