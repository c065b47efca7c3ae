-- The first shape of the store. The same text runs on SQLite and PostgreSQL: TEXT, BIGINT, DOUBLE PRECISION and BYTEA
-- only; times are milliseconds since 1970-01-01 UTC; what has no application or environment has the empty text.
-- A migration that was ever released is never edited: a change is a new file.

CREATE TABLE environments (
    organisation TEXT NOT NULL,
    app TEXT NOT NULL,
    environment TEXT NOT NULL,
    class TEXT NOT NULL CHECK (class IN ('dev', 'staging', 'production', 'preview')),
    parent TEXT,
    branch TEXT,
    expires_at_ms BIGINT,
    generation BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (organisation, app, environment)
);

-- Who may act on an environment; NULL: nobody does. The row stays, because its token only grows.
CREATE TABLE leases (
    organisation TEXT NOT NULL,
    app TEXT NOT NULL,
    environment TEXT NOT NULL,
    fencing_token BIGINT NOT NULL,
    operation TEXT,
    taken_at_ms BIGINT NOT NULL,
    PRIMARY KEY (organisation, app, environment),
    FOREIGN KEY (organisation, app, environment) REFERENCES environments (organisation, app, environment)
);

-- `seq` is that of the event that tells of the beginning; `body` is the operation as accepted, `body_digest` its digest.
CREATE TABLE operations (
    id TEXT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL,
    app TEXT NOT NULL,
    environment TEXT NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('up', 'deploy', 'rollback', 'down')),
    actor_kind TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    base_generation BIGINT NOT NULL,
    began_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT,
    result TEXT CHECK (result IN ('done', 'undone', 'stuck')),
    result_reason TEXT,
    body_digest TEXT NOT NULL,
    body TEXT NOT NULL,
    FOREIGN KEY (organisation, app, environment) REFERENCES environments (organisation, app, environment)
);

-- At most one operation of an environment is open, whatever the program does.
CREATE UNIQUE INDEX operations_open ON operations (organisation, app, environment) WHERE ended_at_ms IS NULL;

-- `seq` is that of the event that first told of the step: the order of writing.
CREATE TABLE steps (
    organisation TEXT NOT NULL,
    operation TEXT NOT NULL REFERENCES operations (id),
    object_kind TEXT NOT NULL,
    object_name TEXT NOT NULL,
    verb TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('forward', 'back')),
    seq BIGINT NOT NULL,
    done BIGINT NOT NULL CHECK (done IN (0, 1)),
    PRIMARY KEY (operation, object_kind, object_name, verb, direction)
);

-- A plan applied to an environment. `generation` is set when its operation is done.
CREATE TABLE deployments (
    operation TEXT NOT NULL PRIMARY KEY REFERENCES operations (id),
    organisation TEXT NOT NULL,
    app TEXT NOT NULL,
    environment TEXT NOT NULL,
    seq BIGINT NOT NULL,
    generation BIGINT,
    release_id TEXT NOT NULL,
    release_version TEXT,
    release_commit TEXT,
    plan_digest TEXT NOT NULL,
    body_digest TEXT NOT NULL,
    body TEXT NOT NULL
);

CREATE UNIQUE INDEX deployments_seq ON deployments (organisation, app, environment, seq);
CREATE UNIQUE INDEX deployments_generation ON deployments (organisation, app, environment, generation);

CREATE TABLE releases (
    organisation TEXT NOT NULL,
    app TEXT NOT NULL,
    id TEXT NOT NULL,
    version TEXT,
    commit_id TEXT,
    first_operation TEXT NOT NULL,
    first_at_ms BIGINT NOT NULL,
    PRIMARY KEY (organisation, app, id)
);

-- `data` tells what became of what the object held; NULL: it held nothing.
CREATE TABLE tombstones (
    organisation TEXT NOT NULL,
    app TEXT NOT NULL,
    environment TEXT NOT NULL,
    seq BIGINT NOT NULL,
    object_kind TEXT NOT NULL,
    object_name TEXT NOT NULL,
    operation TEXT NOT NULL REFERENCES operations (id),
    at_ms BIGINT NOT NULL,
    data TEXT CHECK (data IN ('kept', 'deleted')),
    PRIMARY KEY (organisation, app, environment, seq)
);

-- The event log. `body` is the event's canonical JSON, the very bytes that the next event's `prev_hash` covers.
CREATE TABLE events (
    organisation TEXT NOT NULL,
    app TEXT NOT NULL,
    environment TEXT NOT NULL,
    seq BIGINT NOT NULL,
    operation TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (organisation, app, environment, seq)
);

CREATE INDEX events_operation ON events (operation, seq);

-- The end of each chain: how long it is, the hash of its last event, and that hash sealed under the store's key, so
-- that who can write rows but has no key cannot make a chain up.
CREATE TABLE event_heads (
    organisation TEXT NOT NULL,
    app TEXT NOT NULL,
    environment TEXT NOT NULL,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    seal BYTEA NOT NULL,
    PRIMARY KEY (organisation, app, environment)
);

CREATE TABLE secrets (
    organisation TEXT NOT NULL,
    app TEXT NOT NULL,
    environment TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    made_at_ms BIGINT NOT NULL,
    PRIMARY KEY (organisation, app, environment, name, version)
);
