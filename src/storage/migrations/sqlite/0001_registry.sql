-- The registry. Times are milliseconds since 1970 (UTC) in *_at, seconds in nbf, exp, issued, planned windows, and when a
-- truck is expected and has arrived.
-- Codes are numbers of the enumerations in proto/freightpass/v1.

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
);

-- One row for each changing call that succeeded: a retry gets the same answer.
CREATE TABLE requests (
    caller      TEXT   NOT NULL,          -- body/officer
    method      TEXT   NOT NULL,
    request_id  BLOB   NOT NULL,          -- 16 bytes
    fingerprint BLOB   NOT NULL,          -- keyed hash of the request without its id
    result      BLOB   NOT NULL,          -- JSON of the domain's answer, without personal data
    called_at   BIGINT NOT NULL,
    PRIMARY KEY (caller, method, request_id)
);

-- Append-only: nothing updates or deletes it.
CREATE TABLE audit (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    called_at    BIGINT NOT NULL,
    body         TEXT   NOT NULL,
    officer      TEXT   NOT NULL,
    method       TEXT   NOT NULL,
    request_id   BLOB   NOT NULL,
    subject_kind TEXT   NOT NULL,         -- enterprise, application, pass, trust_list, ...
    subject      TEXT   NOT NULL,
    detail       TEXT   NOT NULL          -- JSON: nothing of an application's people; reasons as officers wrote them
);
CREATE INDEX audit_by_subject ON audit (subject_kind, subject, seq);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- White list ---------------------------------------------------------------------------------------------------

CREATE TABLE enterprises (
    number              INTEGER PRIMARY KEY AUTOINCREMENT, -- white-list number, unique in the deployment
    code                TEXT    NOT NULL UNIQUE,           -- GB 32100 (cn), upper case
    code_waiver         TEXT,                              -- reason for which a wrong check digit was let in
    name                TEXT    NOT NULL,
    authority           TEXT    NOT NULL,                  -- code of the authority that owns it
    industry            BIGINT  NOT NULL,
    contact_name        TEXT    NOT NULL,
    contact_phone       BLOB    NOT NULL,                  -- encrypted
    contact_phone_hmac  BLOB    NOT NULL,
    state               BIGINT  NOT NULL,                  -- 1 listed, 2 delisted
    version             BIGINT  NOT NULL,
    listed_at           BIGINT  NOT NULL,
    changed_at          BIGINT  NOT NULL
);
CREATE INDEX enterprises_by_authority ON enterprises (authority, number);

CREATE TABLE vehicles (
    enterprise BIGINT NOT NULL REFERENCES enterprises (number),
    plate      TEXT   NOT NULL,
    kind       BIGINT NOT NULL,           -- 1 tractor, 2 trailer
    listed_at  BIGINT NOT NULL,
    PRIMARY KEY (enterprise, plate)
);
CREATE INDEX vehicles_by_plate ON vehicles (plate);

CREATE TABLE people (
    enterprise   BIGINT NOT NULL REFERENCES enterprises (number),
    paper_hmac   BLOB   NOT NULL,         -- keyed hash of kind and number
    paper_kind   BIGINT NOT NULL,
    paper_number BLOB   NOT NULL,         -- encrypted
    paper_tail   TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    mobile       BLOB,                    -- encrypted
    mobile_hmac  BLOB,
    role         BIGINT NOT NULL,         -- 1 driver, 2 relief driver, 3 passenger
    listed_at    BIGINT NOT NULL,
    PRIMARY KEY (enterprise, paper_hmac)
);
CREATE INDEX people_by_paper ON people (paper_hmac);

-- Applications -------------------------------------------------------------------------------------------------

CREATE TABLE applications (
    id              BLOB   NOT NULL PRIMARY KEY,  -- uuid v7
    authority       TEXT   NOT NULL,              -- code of the authority that it goes to
    enterprise      BIGINT NOT NULL REFERENCES enterprises (number),
    enterprise_name TEXT   NOT NULL,              -- as it was when the application was handed in, like the contact
    contact_name    TEXT   NOT NULL,
    contact_phone   BLOB   NOT NULL,              -- encrypted
    programme       BIGINT NOT NULL,
    state           BIGINT NOT NULL,              -- 1 submitted, 2 recommended, 3 approved, 4 rejected, 5 withdrawn
    version         BIGINT NOT NULL,
    tractor         TEXT   NOT NULL,
    trailer         TEXT,
    gross_mass_kg   BIGINT NOT NULL,
    cargo_category  BIGINT NOT NULL,
    cargo           TEXT   NOT NULL,
    cargo_mass_kg   BIGINT NOT NULL,
    route           TEXT   NOT NULL,              -- JSON: division codes; origin, destination, via
    origin          TEXT   NOT NULL,              -- the first of them, for a county office
    destination     TEXT   NOT NULL,              -- the second
    leg             BIGINT NOT NULL,              -- 0 loaded, 1 empty, 2 return
    planned_start   BIGINT NOT NULL,
    planned_end     BIGINT NOT NULL,
    approved_start  BIGINT,
    approved_end    BIGINT,
    evidence        TEXT   NOT NULL,              -- JSON
    submitted_at    BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL
);
CREATE INDEX applications_by_authority ON applications (authority, state, id);
CREATE INDEX applications_by_enterprise ON applications (enterprise, id);
CREATE INDEX applications_by_origin ON applications (origin, id);
CREATE INDEX applications_by_destination ON applications (destination, id);
CREATE INDEX applications_by_tractor ON applications (tractor, id);
-- The report of a day.
CREATE INDEX applications_by_submission ON applications (submitted_at);
CREATE INDEX applications_by_change ON applications (changed_at);

CREATE TABLE application_crew (
    application  BLOB   NOT NULL REFERENCES applications (id),
    position     BIGINT NOT NULL,                 -- 0 is the driver
    name         TEXT   NOT NULL,
    paper_kind   BIGINT NOT NULL,
    paper_number BLOB   NOT NULL,                 -- encrypted
    paper_hmac   BLOB   NOT NULL,
    paper_tail   TEXT   NOT NULL,
    mobile       BLOB,                            -- encrypted
    mobile_hmac  BLOB,
    role         BIGINT NOT NULL,
    PRIMARY KEY (application, position)
);
CREATE INDEX application_crew_by_paper ON application_crew (paper_hmac);

CREATE TABLE application_steps (
    application BLOB   NOT NULL REFERENCES applications (id),
    step        BIGINT NOT NULL,
    state       BIGINT NOT NULL,
    body        TEXT   NOT NULL,
    officer     TEXT   NOT NULL,
    taken_at    BIGINT NOT NULL,
    reason      BIGINT,
    reason_text TEXT,
    PRIMARY KEY (application, step)
);
CREATE INDEX application_steps_by_time ON application_steps (taken_at);

-- What an authority asks of applications under a programme.
CREATE TABLE programme_rules (
    authority  TEXT   NOT NULL,
    programme  BIGINT NOT NULL,
    asked      TEXT   NOT NULL,                   -- JSON
    version    BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    officer    TEXT   NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (authority, programme)
);

-- Passes -------------------------------------------------------------------------------------------------------

-- The next serial of an authority on a day; a serial is never given out twice.
CREATE TABLE serials (
    authority_number BIGINT NOT NULL,
    day              BIGINT NOT NULL,             -- days since 2020-01-01, local date of the commit
    next             BIGINT NOT NULL,
    PRIMARY KEY (authority_number, day)
);

-- Status lists. `capacity` is the n that the next manifest publishes; `published` the n that the newest signed manifest
-- names (0: none names it), set in the transaction that stores the manifest. Nothing is leased beyond `published`,
-- except, up to `capacity`, while the deployment has no manifest at all.
CREATE TABLE lists (
    list      BIGINT NOT NULL PRIMARY KEY,
    capacity  BIGINT NOT NULL,
    published BIGINT NOT NULL DEFAULT 0,
    leased_to BIGINT NOT NULL                     -- indexes below it belong to a lease
);

-- A block of indexes for one list and one signing key.
CREATE TABLE leases (
    list       BIGINT NOT NULL REFERENCES lists (list),
    first      BIGINT NOT NULL,
    kid        BLOB   NOT NULL,
    size       BIGINT NOT NULL,
    next       BIGINT NOT NULL,                   -- first <= next <= first + size
    closed_at  BIGINT,                            -- what is left of a closed lease is published as revoked
    PRIMARY KEY (list, first)
);
CREATE INDEX leases_by_key ON leases (list, kid);

CREATE TABLE passes (
    cti              BLOB   NOT NULL PRIMARY KEY, -- 8 bytes: authority number, day, serial
    application      BLOB   NOT NULL REFERENCES applications (id),
    authority        TEXT   NOT NULL,
    enterprise       BIGINT NOT NULL,
    programme        BIGINT NOT NULL,
    kid              BLOB   NOT NULL,
    list             BIGINT NOT NULL,
    idx              BIGINT NOT NULL,
    tractor          TEXT   NOT NULL,
    trailer          TEXT,
    nbf              BIGINT NOT NULL,
    exp              BIGINT NOT NULL,
    state            BIGINT NOT NULL,             -- 0 issued, 1 revoked, 2 suspended: the value in the status list
    version          BIGINT NOT NULL,
    token            BLOB   NOT NULL,             -- the signed COSE bytes
    issued_at        BIGINT NOT NULL,
    changed_at       BIGINT NOT NULL,
    replaced_by      BLOB,                        -- cti of the pass that replaced it
    UNIQUE (list, idx)
);
CREATE INDEX passes_by_tractor ON passes (tractor, exp);
CREATE INDEX passes_by_enterprise ON passes (enterprise, cti);
CREATE INDEX passes_by_authority ON passes (authority, cti);
CREATE INDEX passes_by_application ON passes (application);
CREATE INDEX passes_by_key ON passes (kid, list, idx);
CREATE INDEX passes_by_issue ON passes (issued_at);

-- The people on an amended pass, where they are not those of its application.
CREATE TABLE amended_crew (
    pass         BLOB   NOT NULL REFERENCES passes (cti),
    position     BIGINT NOT NULL,                 -- 0 is the driver
    name         TEXT   NOT NULL,
    paper_kind   BIGINT NOT NULL,
    paper_number BLOB   NOT NULL,                 -- encrypted
    paper_hmac   BLOB   NOT NULL,
    paper_tail   TEXT   NOT NULL,
    mobile       BLOB,                            -- encrypted
    mobile_hmac  BLOB,
    role         BIGINT NOT NULL,
    PRIMARY KEY (pass, position)
);
CREATE INDEX amended_crew_by_paper ON amended_crew (paper_hmac);

-- Trucks that are expected at their destination, or have arrived: one row a pass. What was announced before stands in
-- the audit log.
CREATE TABLE arrivals (
    pass         BLOB   NOT NULL PRIMARY KEY REFERENCES passes (cti),
    destination  TEXT   NOT NULL,                 -- of the route, for those who wait there
    due          BIGINT NOT NULL,                 -- expected; arrived where it was not announced: the list's order
    expected     BIGINT,
    consignee    TEXT,
    announced_at BIGINT,
    announced_by TEXT,                            -- body/officer
    arrived      BIGINT,
    place        TEXT,
    reported_at  BIGINT,
    reported_by  TEXT                             -- body/officer
);
CREATE INDEX arrivals_by_destination ON arrivals (destination, due);
CREATE INDEX arrivals_by_time ON arrivals (due, pass);

-- Status -------------------------------------------------------------------------------------------------------

-- One row for each committed change of status; seq has no holes.
CREATE TABLE status_log (
    seq         BIGINT NOT NULL PRIMARY KEY,
    list        BIGINT NOT NULL,
    idx         BIGINT NOT NULL,
    value       BIGINT NOT NULL,                  -- 0 valid again, 1 revoked, 2 suspended
    cti         BLOB,                             -- none: what was left of a closed lease
    reason      BIGINT NOT NULL,
    reason_text TEXT   NOT NULL,
    body        TEXT   NOT NULL,
    officer     TEXT   NOT NULL,
    changed_at  BIGINT NOT NULL
);
CREATE INDEX status_log_by_pass ON status_log (cti, seq);
CREATE INDEX status_log_by_list ON status_log (list, seq);
CREATE INDEX status_log_by_time ON status_log (changed_at);

-- What the relay still has to carry to the bus.
CREATE TABLE outbox (
    seq BIGINT NOT NULL PRIMARY KEY REFERENCES status_log (seq)
);

-- Trust and publication ----------------------------------------------------------------------------------------

CREATE TABLE trust_lists (
    seq          BIGINT NOT NULL PRIMARY KEY,
    hash         BLOB   NOT NULL,                 -- SHA-256 of the payload
    object       BLOB   NOT NULL,                 -- the COSE_Sign bytes
    changes_roots BIGINT NOT NULL,                -- 1: every bundle carries it
    installed_at BIGINT NOT NULL
);

CREATE TABLE survivors (
    hash    BLOB NOT NULL PRIMARY KEY,            -- SHA-256 of the object
    kid     BLOB NOT NULL,
    object  BLOB NOT NULL
);

CREATE TABLE manifests (
    seq        BIGINT NOT NULL PRIMARY KEY,
    trust_seq  BIGINT NOT NULL,
    log_seq    BIGINT NOT NULL,                   -- the change of status up to which it speaks
    issued     BIGINT NOT NULL,
    object     BLOB   NOT NULL
);

-- Snapshots and deltas by name: s/<state hash>, d/<base hash>/<state hash>.
CREATE TABLE status_objects (
    name       TEXT   NOT NULL PRIMARY KEY,
    list       BIGINT NOT NULL,
    object     BLOB   NOT NULL,
    made_at    BIGINT NOT NULL
);

-- Checkpoints --------------------------------------------------------------------------------------------------

CREATE TABLE scans (
    id          BLOB   NOT NULL PRIMARY KEY,      -- given by the scanner
    checkpoint  TEXT   NOT NULL,
    cti         BLOB,
    outcome     BIGINT NOT NULL,
    code        TEXT   NOT NULL,
    scanned_at  BIGINT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX scans_by_pass ON scans (cti, scanned_at);
