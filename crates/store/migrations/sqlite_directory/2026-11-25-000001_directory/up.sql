-- Who there is and who may enter which organization. Nothing of what an organization watches stands here.

CREATE TABLE users (
    id            TEXT NOT NULL PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    is_operator   BOOLEAN NOT NULL,
    created_at    BIGINT NOT NULL
);

-- One sign-in of one account. The secret itself is known to the browser alone.
CREATE TABLE sessions (
    id           TEXT NOT NULL PRIMARY KEY,
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    secret_hash  TEXT NOT NULL UNIQUE,
    user_agent   TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

-- A row stays when the organization is deleted: its id never returns, and its former members are told.
CREATE TABLE orgs (
    id          TEXT NOT NULL PRIMARY KEY,
    slug        TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    colour      TEXT NOT NULL,
    monogram    TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'deleted')),
    plan_key    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    deleted_at  BIGINT,
    -- When the data of a deleted organization was erased; a deletion without it is finished at the next start.
    purged_at   BIGINT
);

-- Former slugs, so that old links still open.
CREATE TABLE org_slugs (
    slug   TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id)
);

CREATE TABLE memberships (
    org_id     TEXT NOT NULL REFERENCES orgs (id),
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role       TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin', 'owner')),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id);

-- Organization-bound tokens. Revoking one removes its row.
CREATE TABLE tokens (
    id           TEXT NOT NULL PRIMARY KEY,
    org_id       TEXT NOT NULL REFERENCES orgs (id),
    kind         TEXT NOT NULL CHECK (kind IN ('agent', 'api')),
    name         TEXT NOT NULL,
    role         TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin', 'owner')),
    secret_hash  TEXT NOT NULL UNIQUE,
    hint         TEXT NOT NULL,
    -- The member that made it; none where the operator did.
    created_by   TEXT,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    last_used_at BIGINT,
    -- A token dies with the membership of its maker, whatever the code does.
    FOREIGN KEY (org_id, created_by) REFERENCES memberships (org_id, user_id) ON DELETE CASCADE
);
CREATE INDEX tokens_by_org ON tokens (org_id, created_by);

-- The code of the first run, hashed. At most one row.
CREATE TABLE setup_codes (
    one  INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    hash TEXT NOT NULL
);

-- Grows by one with each change of sessions, tokens, memberships or organizations. One row.
CREATE TABLE directory_version (
    one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    version BIGINT NOT NULL
);
INSERT INTO directory_version (one, version) VALUES (1, 1);
