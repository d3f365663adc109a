-- What people note about hosts, containers and guests. `subject_id` is whose note it is, `host_id` the host that it runs on (or
-- is): a note outlives a container that is removed and made anew, and goes with its host.
CREATE TABLE metadata (
    org_id      TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('host', 'container', 'guest')),
    subject_id  TEXT NOT NULL,
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
    PRIMARY KEY (org_id, kind, subject_id),
    FOREIGN KEY (org_id, host_id) REFERENCES hosts (org_id, id) ON DELETE CASCADE
);
CREATE INDEX metadata_by_host ON metadata (org_id, host_id);

-- The second wall, as around hosts.
CREATE TRIGGER metadata_org_on_insert BEFORE INSERT ON metadata WHEN NEW.org_id IS NOT (SELECT org_id FROM owner) BEGIN
    SELECT RAISE(ABORT, 'bulkhead: row of another organization');
END;
CREATE TRIGGER metadata_org_on_update BEFORE UPDATE OF org_id ON metadata WHEN NEW.org_id IS NOT (SELECT org_id FROM owner) BEGIN
    SELECT RAISE(ABORT, 'bulkhead: row of another organization');
END;
