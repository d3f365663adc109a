-- Machines. A row holds what the last report said, and the counters that the next report's rates are computed from.
CREATE TABLE hosts (
    org_id          TEXT NOT NULL,
    id              TEXT NOT NULL,
    -- Sorted by bytes, as SQLite does, so that both databases page alike.
    name            TEXT COLLATE "C" NOT NULL,
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
);
CREATE INDEX host_samples_by_time ON host_samples (org_id, host_id, at);

-- The second wall: whatever a query says, a transaction sees and writes the rows of the one organization that it was
-- opened for, and without one it sees none. FORCE binds the tables' owner too.
ALTER TABLE hosts ENABLE ROW LEVEL SECURITY;
ALTER TABLE hosts FORCE ROW LEVEL SECURITY;
CREATE POLICY one_org ON hosts
    USING (org_id = current_setting('bulkhead.org', true))
    WITH CHECK (org_id = current_setting('bulkhead.org', true));
ALTER TABLE host_samples ENABLE ROW LEVEL SECURITY;
ALTER TABLE host_samples FORCE ROW LEVEL SECURITY;
CREATE POLICY one_org ON host_samples
    USING (org_id = current_setting('bulkhead.org', true))
    WITH CHECK (org_id = current_setting('bulkhead.org', true));
