-- What runs on a host, as its agent found it last: one row for a host, no history. An inventory replaces the part that it has,
-- containers or guests, and leaves the other. The lists stand last, so that sums are read without them.
CREATE TABLE inventories (
    org_id              TEXT NOT NULL,
    host_id             TEXT NOT NULL,
    -- Of the newest inventory, on the agent's clock: an older one changes nothing.
    taken_at            BIGINT NOT NULL,
    -- All, those of them that run, and those of them that are not in the list.
    containers_total    BIGINT NOT NULL,
    containers_running  BIGINT NOT NULL,
    containers_left_out BIGINT NOT NULL,
    guests_total        BIGINT NOT NULL,
    guests_running      BIGINT NOT NULL,
    guests_left_out     BIGINT NOT NULL,
    -- When they were found, on the agent's clock and on the server's. Guests have no times that would have to be corrected.
    containers_taken_at BIGINT,
    containers_at       BIGINT,
    guests_at           BIGINT,
    containers_engine   TEXT,
    guests_engine       TEXT,
    -- JSON: lists, with the counters that the next rates are computed from. Times in them are on the agent's clock.
    containers          TEXT,
    guests              TEXT,
    PRIMARY KEY (org_id, host_id),
    FOREIGN KEY (org_id, host_id) REFERENCES hosts (org_id, id) ON DELETE CASCADE
);

-- The second wall, as around hosts.
ALTER TABLE inventories ENABLE ROW LEVEL SECURITY;
ALTER TABLE inventories FORCE ROW LEVEL SECURITY;
CREATE POLICY one_org ON inventories
    USING (org_id = current_setting('bulkhead.org', true))
    WITH CHECK (org_id = current_setting('bulkhead.org', true));
