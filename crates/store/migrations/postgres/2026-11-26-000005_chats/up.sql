-- Conversations with the assistant: at most one of each person. `user_id` is of the directory; whoever leaves the organization
-- cannot read theirs any more, and has it again when they come back.
CREATE TABLE chats (
    org_id     TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    -- A conversation that is begun anew has another one.
    id         TEXT NOT NULL,
    draft      TEXT NOT NULL,
    -- JSON: a list of what it is about.
    context    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, user_id)
);

CREATE TABLE chat_messages (
    org_id  TEXT NOT NULL,
    user_id TEXT NOT NULL,
    seq     BIGINT NOT NULL,
    speaker TEXT NOT NULL CHECK (speaker IN ('person', 'assistant')),
    text    TEXT NOT NULL,
    -- JSON: a list of what was looked at.
    lookups TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('complete', 'stopped', 'failed')),
    at      BIGINT NOT NULL,
    PRIMARY KEY (org_id, user_id, seq),
    FOREIGN KEY (org_id, user_id) REFERENCES chats (org_id, user_id) ON DELETE CASCADE
);

-- Questions of all members together, by month of UTC such as `2026-11`. Not of a conversation: they count when it is gone.
CREATE TABLE assistant_usage (
    org_id TEXT NOT NULL,
    month  TEXT NOT NULL,
    used   BIGINT NOT NULL,
    PRIMARY KEY (org_id, month)
);

-- The second wall, as around hosts.
ALTER TABLE chats ENABLE ROW LEVEL SECURITY;
ALTER TABLE chats FORCE ROW LEVEL SECURITY;
CREATE POLICY one_org ON chats
    USING (org_id = current_setting('bulkhead.org', true))
    WITH CHECK (org_id = current_setting('bulkhead.org', true));
ALTER TABLE chat_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE chat_messages FORCE ROW LEVEL SECURITY;
CREATE POLICY one_org ON chat_messages
    USING (org_id = current_setting('bulkhead.org', true))
    WITH CHECK (org_id = current_setting('bulkhead.org', true));
ALTER TABLE assistant_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE assistant_usage FORCE ROW LEVEL SECURITY;
CREATE POLICY one_org ON assistant_usage
    USING (org_id = current_setting('bulkhead.org', true))
    WITH CHECK (org_id = current_setting('bulkhead.org', true));
