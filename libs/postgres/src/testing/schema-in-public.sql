-- The schema of an installation from before Longhaul had a schema of its own: its tables are in public. Made by pg_dump; do not edit.
CREATE SCHEMA imports;
CREATE SCHEMA imports_staging;
CREATE TABLE imports_staging.attempts (
    staging text NOT NULL,
    job_id uuid NOT NULL,
    fence bigint NOT NULL,
    touched_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.claims (
    worker_id integer NOT NULL,
    job_ids uuid[] NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='500', autovacuum_vacuum_cost_delay='0');
CREATE TABLE public.dead_letters (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    identity text NOT NULL,
    source text NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    job_id uuid,
    kind text,
    queue text,
    message_id text,
    content_type text,
    headers jsonb DEFAULT '{}'::jsonb NOT NULL,
    body bytea,
    occurrences integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    redriven_at timestamp with time zone,
    redriven_job_id uuid,
    CONSTRAINT dead_letters_source_check CHECK ((source = ANY (ARRAY['job'::text, 'message'::text])))
);
CREATE TABLE public.debug_effects (
    key text NOT NULL,
    job_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.debug_ledger (
    key text NOT NULL,
    job_id uuid NOT NULL,
    attempt integer NOT NULL,
    fence integer NOT NULL,
    place text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT debug_ledger_place_check CHECK ((place = ANY (ARRAY['inside'::text, 'outside'::text])))
);
CREATE TABLE public.email_counts (
    recipient text NOT NULL,
    hour timestamp with time zone NOT NULL,
    sent integer NOT NULL
);
CREATE TABLE public.files (
    id uuid NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    sha256 text NOT NULL,
    key text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT files_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT files_size_check CHECK ((size >= 0))
);
CREATE TABLE public.idempotency_keys (
    scope text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    job_id uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.job_events (
    job_id uuid NOT NULL,
    seq integer NOT NULL,
    type text NOT NULL,
    at timestamp with time zone NOT NULL,
    data jsonb NOT NULL,
    CONSTRAINT job_events_type CHECK ((type = ANY (ARRAY['progress'::text, 'log'::text])))
);
CREATE TABLE public.job_steps (
    job_id uuid NOT NULL,
    name text NOT NULL,
    result json NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE ONLY public.job_steps ALTER COLUMN result SET COMPRESSION lz4;
CREATE TABLE public.jobs (
    id uuid NOT NULL,
    kind text NOT NULL,
    queue text NOT NULL,
    state text NOT NULL,
    priority smallint NOT NULL,
    payload json NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    max_attempts integer NOT NULL,
    timeout_ms bigint,
    progress jsonb,
    result json,
    errors jsonb DEFAULT '[]'::jsonb NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    callback_url text,
    notify_email text,
    reply_to text,
    correlation_id text,
    traceparent text,
    redrives integer DEFAULT 0 NOT NULL,
    cancel_requested boolean DEFAULT false NOT NULL,
    lease_token uuid,
    publish_id uuid,
    worker_id integer,
    fence integer DEFAULT 0 NOT NULL,
    crashes integer DEFAULT 0 NOT NULL,
    interruptions integer DEFAULT 0 NOT NULL,
    deferred_at timestamp with time zone,
    run_at timestamp with time zone,
    queued_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    events integer DEFAULT 0 NOT NULL,
    history jsonb DEFAULT '[]'::jsonb NOT NULL,
    outcome text GENERATED ALWAYS AS (
CASE
    WHEN (finished_at IS NOT NULL) THEN state
    ELSE NULL::text
END) STORED,
    messaged_at timestamp with time zone,
    interrupted_at timestamp with time zone,
    CONSTRAINT jobs_finished CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text])))),
    CONSTRAINT jobs_leased CHECK (((state <> 'running'::text) OR ((lease_token IS NOT NULL) AND (worker_id IS NOT NULL)))),
    CONSTRAINT jobs_scheduled CHECK (((state <> 'scheduled'::text) OR (run_at IS NOT NULL))),
    CONSTRAINT jobs_state_known CHECK ((state = ANY (ARRAY['scheduled'::text, 'queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])))
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0', fillfactor='60');
ALTER TABLE ONLY public.jobs ALTER COLUMN payload SET COMPRESSION lz4;
ALTER TABLE ONLY public.jobs ALTER COLUMN result SET COMPRESSION lz4;
CREATE TABLE public.migrations (
    id integer NOT NULL,
    "timestamp" bigint NOT NULL,
    name character varying NOT NULL
);
CREATE SEQUENCE public.migrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.migrations_id_seq OWNED BY public.migrations.id;
CREATE TABLE public.notices (
    job_id uuid NOT NULL,
    redrives integer NOT NULL,
    state text NOT NULL,
    available_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT notices_state_check CHECK ((state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text])))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_cost_delay='0');
CREATE TABLE public.outbox (
    id uuid NOT NULL,
    type text NOT NULL,
    job_id uuid NOT NULL,
    queue text NOT NULL,
    priority smallint NOT NULL,
    suspect boolean DEFAULT false NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    available_at timestamp with time zone NOT NULL,
    CONSTRAINT outbox_type_check CHECK ((type = ANY (ARRAY['job'::text, 'event'::text])))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_cost_delay='0');
CREATE TABLE public.queues (
    name text NOT NULL,
    paused_at timestamp with time zone,
    deleted_at timestamp with time zone
);
CREATE TABLE public.webhook_callback_secret (
    only_row boolean DEFAULT true NOT NULL,
    secret text NOT NULL,
    CONSTRAINT webhook_callback_secret_only_row_check CHECK (only_row)
);
CREATE TABLE public.webhook_deliveries (
    id uuid NOT NULL,
    webhook_id text NOT NULL,
    endpoint_id uuid,
    job_id uuid NOT NULL,
    type text NOT NULL,
    url text NOT NULL,
    body text NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    attempts jsonb DEFAULT '[]'::jsonb NOT NULL,
    delivery_job_id uuid NOT NULL,
    next_attempt_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT webhook_deliveries_finished CHECK (((finished_at IS NULL) = (state = 'pending'::text))),
    CONSTRAINT webhook_deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text])))
);
CREATE TABLE public.webhook_endpoints (
    id uuid NOT NULL,
    url text NOT NULL,
    description text NOT NULL,
    events text[] NOT NULL,
    kinds text[] NOT NULL,
    tags text[] NOT NULL,
    secrets jsonb NOT NULL,
    disabled_at timestamp with time zone,
    disabled_reason text,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.workers (
    id integer NOT NULL,
    name text NOT NULL,
    concurrency integer NOT NULL,
    queues text[] NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    lease_until timestamp with time zone NOT NULL
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='200');
ALTER TABLE public.workers ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE ONLY public.migrations ALTER COLUMN id SET DEFAULT nextval('public.migrations_id_seq'::regclass);
ALTER TABLE ONLY imports_staging.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (staging);
ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT "PK_8c82d7f526340ab734260ea46be" PRIMARY KEY (id);
ALTER TABLE ONLY public.dead_letters
    ADD CONSTRAINT dead_letters_identity_key UNIQUE (identity);
ALTER TABLE ONLY public.dead_letters
    ADD CONSTRAINT dead_letters_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.email_counts
    ADD CONSTRAINT email_counts_pkey PRIMARY KEY (recipient, hour);
ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_key_key UNIQUE (key);
ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (scope, key);
ALTER TABLE ONLY public.job_events
    ADD CONSTRAINT job_events_pkey PRIMARY KEY (job_id, seq);
ALTER TABLE ONLY public.job_steps
    ADD CONSTRAINT job_steps_pkey PRIMARY KEY (job_id, name);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (job_id, redrives);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.queues
    ADD CONSTRAINT queues_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.webhook_callback_secret
    ADD CONSTRAINT webhook_callback_secret_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_webhook_id_key UNIQUE (webhook_id);
ALTER TABLE ONLY public.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workers
    ADD CONSTRAINT workers_pkey PRIMARY KEY (id);
CREATE INDEX dead_letters_job ON public.dead_letters USING btree (job_id);
CREATE INDEX dead_letters_newest ON public.dead_letters USING btree (created_at DESC, id DESC);
CREATE INDEX idempotency_keys_expiry ON public.idempotency_keys USING btree (expires_at);
CREATE INDEX jobs_kind ON public.jobs USING btree (kind, id);
CREATE INDEX jobs_outcome ON public.jobs USING btree (outcome, id) WHERE (outcome IS NOT NULL);
CREATE INDEX jobs_scheduled ON public.jobs USING btree (queue, id) WHERE (run_at IS NOT NULL);
CREATE INDEX jobs_tags ON public.jobs USING gin (tags) WHERE (tags <> '{}'::text[]);
CREATE INDEX jobs_waiting ON public.jobs USING btree (queue, id) WHERE ((finished_at IS NULL) AND (run_at IS NULL));
CREATE INDEX notices_due ON public.notices USING btree (available_at);
CREATE INDEX outbox_due ON public.outbox USING btree (priority, available_at);
CREATE INDEX webhook_deliveries_endpoint ON public.webhook_deliveries USING btree (endpoint_id, id);
CREATE INDEX webhook_deliveries_job ON public.webhook_deliveries USING btree (job_id);
ALTER TABLE ONLY public.job_events
    ADD CONSTRAINT job_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.job_steps
    ADD CONSTRAINT job_steps_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
INSERT INTO public.migrations (timestamp, name) VALUES
    (1700000000010, 'Jobs1700000000010'),
    (1700000000020, 'Files1700000000020'),
    (1700000000030, 'DebugLedger1700000000030'),
    (1700000000040, 'Events1700000000040'),
    (1700000000050, 'Webhooks1700000000050'),
    (1700000000060, 'Claims1700000000060'),
    (1700000000070, 'ExactJson1700000000070'),
    (1700000000090, 'DeclaredQueues1700000000090'),
    (1700000000110, 'EmailCounts1700000000110'),
    (1700000000120, 'MessageTime1700000000120'),
    (1700000000140, 'InterruptedAt1700000000140');
