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
CREATE TRIGGER host_metadata_org_on_insert BEFORE INSERT ON host_metadata WHEN NEW.org_id IS NOT (SELECT org_id FROM owner) BEGIN
    SELECT RAISE(ABORT, 'bulkhead: row of another organization');
END;
CREATE TRIGGER host_metadata_org_on_update BEFORE UPDATE OF org_id ON host_metadata WHEN NEW.org_id IS NOT (SELECT org_id FROM owner) BEGIN
    SELECT RAISE(ABORT, 'bulkhead: row of another organization');
END;
