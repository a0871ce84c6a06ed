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
    updateAgentVersion(input: { agentId: $agentId, version: "latest", config: $config }) {
      agentVersion {
        id
        version
        published
      }
    }
  }

  mutation Publish($agentId: UUID!, $version: AgentVersionRef!) {
    publishAgentVersion(input: { agentId: $agentId, version: $version }) {
      agentVersion {
        id
        version
        published
        publishedAt
      }
    }
  }

  mutation PointWidget($input: UpdateWidgetInput!) {
    updateWidget(input: $input) {
      widget {
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
