-- One organization's file. Which one it is stands in the file itself, so that a copied or renamed file is noticed.
CREATE TABLE owner (
    one    INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    org_id TEXT NOT NULL
);
CREATE TRIGGER owner_stays BEFORE UPDATE ON owner BEGIN
    SELECT RAISE(ABORT, 'bulkhead: a file never changes its organization');
END;
CREATE TRIGGER owner_remains BEFORE DELETE ON owner BEGIN
    SELECT RAISE(ABORT, 'bulkhead: a file never loses its organization');
END;

-- Machines. A row holds what the last report said, and the counters that the next report's rates are computed from.
CREATE TABLE hosts (
    org_id          TEXT NOT NULL,
    id              TEXT NOT NULL,
    name            TEXT NOT NULL,
    os              TEXT NOT NULL,
    cpu_percent     DOUBLE PRECISION,
    mem_used_bytes  BIGINT,
    mem_total_bytes BIGINT,
    disk_percent    DOUBLE PRECISION,
    disk_read_bps   DOUBLE PRECISION,
    disk_write_bps  DOUBLE PRECISION,
    net_in_bps      DOUBLE PRECISION,
    net_out_bps     DOUBLE PRECISION,
    uptime_s        BIGINT,
    -- On the server's clock.
    last_report_at  BIGINT NOT NULL,
    -- The same report on the agent's clock.
    last_taken_at   BIGINT NOT NULL,
    -- JSON: all that lists do not show, and the counters. Read as a whole or not at all.
    details         TEXT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX hosts_by_name ON hosts (org_id, name, id);

-- One row for each report that is kept. `taken_at` is the agent's clock and tells a repeated report; `at` is the
-- same moment on the server's clock.
CREATE TABLE host_samples (
    org_id          TEXT NOT NULL,
    host_id         TEXT NOT NULL,
    taken_at        BIGINT NOT NULL,
    at              BIGINT NOT NULL,
    cpu_percent     DOUBLE PRECISION,
    load1           DOUBLE PRECISION,
    mem_used_bytes  BIGINT,
    swap_used_bytes BIGINT,
    disk_read_bps   DOUBLE PRECISION,
    disk_write_bps  DOUBLE PRECISION,
    net_in_bps      DOUBLE PRECISION,
    net_out_bps     DOUBLE PRECISION,
    PRIMARY KEY (org_id, host_id, taken_at),
    FOREIGN KEY (org_id, host_id) REFERENCES hosts (org_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX host_samples_by_time ON host_samples (org_id, host_id, at);

-- The second wall: no row of another organization gets into this file, whatever a query says.
CREATE TRIGGER hosts_org_on_insert BEFORE INSERT ON hosts WHEN NEW.org_id IS NOT (SELECT org_id FROM owner) BEGIN
    SELECT RAISE(ABORT, 'bulkhead: row of another organization');
END;
CREATE TRIGGER hosts_org_on_update BEFORE UPDATE OF org_id ON hosts WHEN NEW.org_id IS NOT (SELECT org_id FROM owner) BEGIN
    SELECT RAISE(ABORT, 'bulkhead: row of another organization');
END;
CREATE TRIGGER host_samples_org_on_insert BEFORE INSERT ON host_samples WHEN NEW.org_id IS NOT (SELECT org_id FROM owner) BEGIN
    SELECT RAISE(ABORT, 'bulkhead: row of another organization');
END;
CREATE TRIGGER host_samples_org_on_update BEFORE UPDATE OF org_id ON host_samples WHEN NEW.org_id IS NOT (SELECT org_id FROM owner) BEGIN
    SELECT RAISE(ABORT, 'bulkhead: row of another organization');
END;
