-- What people note about hosts. It goes with the host.
CREATE TABLE host_metadata (
    org_id      TEXT NOT NULL,
    host_id     TEXT NOT NULL,
    url         TEXT,
    description TEXT NOT NULL,
    -- JSON: a list of texts.
    tags        TEXT NOT NULL,
    notes       TEXT NOT NULL,
    version     BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    -- The name that the person or token had then.
    updated_by  TEXT NOT NULL,
    PRIMARY KEY (org_id, host_id),
    FOREIGN KEY (org_id, host_id) REFERENCES hosts (org_id, id) ON DELETE CASCADE
);

-- The second wall, as around hosts.
ALTER TABLE host_metadata ENABLE ROW LEVEL SECURITY;
ALTER TABLE host_metadata FORCE ROW LEVEL SECURITY;
CREATE POLICY one_org ON host_metadata
    USING (org_id = current_setting('bulkhead.org', true))
    WITH CHECK (org_id = current_setting('bulkhead.org', true));
