-- The schema after all migrations, so that a change shows in the diff. Written by `npm run schema`; do not edit.

CREATE SCHEMA imports;
CREATE SCHEMA imports_staging;
CREATE SCHEMA longhaul;

CREATE OR REPLACE FUNCTION longhaul.searchable_payload(payload json, tenant text)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE STRICT COST 5000
AS $function$
       BEGIN
         IF octet_length(payload::text) > 65536 THEN RETURN NULL; END IF;
         RETURN jsonb_build_object('p', payload::jsonb, 't', tenant);
       EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
         RETURN NULL;
       END $function$;

CREATE TABLE imports_staging.attempts (
  staging text NOT NULL,
  job_id uuid NOT NULL,
  fence bigint NOT NULL,
  touched_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT attempts_pkey PRIMARY KEY (staging)
);

CREATE TABLE longhaul.alerts (
  id uuid NOT NULL,
  rule text NOT NULL,
  link text NOT NULL,
  level text NOT NULL,
  message text NOT NULL,
  fix text NOT NULL,
  opened_at timestamp with time zone NOT NULL DEFAULT now(),
  seen_at timestamp with time zone NOT NULL DEFAULT now(),
  told_at timestamp with time zone,
  ended_at timestamp with time zone,
  CONSTRAINT alerts_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX alerts_open ON longhaul.alerts USING btree (rule, link) WHERE (ended_at IS NULL);

CREATE TABLE longhaul.api_keys (
  id text NOT NULL,
  tenant text NOT NULL DEFAULT 'default'::text,
  name text NOT NULL,
  hash bytea NOT NULL,
  scopes text[] NOT NULL,
  kinds text[],
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  revoked_at timestamp with time zone,
  revoked_by text,
  requests_per_second integer,
  CONSTRAINT api_keys_hash_key UNIQUE (hash),
  CONSTRAINT api_keys_pkey PRIMARY KEY (id)
);

CREATE TABLE longhaul.audit (
  id uuid NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT now(),
  tenant text NOT NULL DEFAULT 'default'::text,
  subject text NOT NULL,
  via text NOT NULL,
  action text NOT NULL,
  target text NOT NULL,
  outcome smallint NOT NULL,
  ip text NOT NULL,
  detail jsonb NOT NULL,
  CONSTRAINT audit_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_action ON longhaul.audit USING btree (tenant, action, id);
CREATE INDEX audit_list ON longhaul.audit USING btree (tenant, id);
CREATE INDEX audit_subject ON longhaul.audit USING btree (tenant, subject, id);

CREATE TABLE longhaul.claims (
  worker_id integer NOT NULL,
  job_ids uuid[] NOT NULL
) WITH (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=500, autovacuum_vacuum_cost_delay=0);

CREATE TABLE longhaul.dead_letter_groups (
  tenant text NOT NULL DEFAULT 'default'::text,
  fingerprint text NOT NULL,
  acknowledged_at timestamp with time zone NOT NULL DEFAULT now(),
  reason text,
  by text,
  CONSTRAINT dead_letter_groups_pkey PRIMARY KEY (tenant, fingerprint)
);

CREATE TABLE longhaul.dead_letters (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  identity text NOT NULL,
  source text NOT NULL,
  reason text NOT NULL,
  detail text NOT NULL,
  job_id uuid,
  kind text,
  queue text,
  message_id text,
  content_type text,
  headers jsonb NOT NULL DEFAULT '{}'::jsonb,
  body bytea,
  occurrences integer NOT NULL DEFAULT 1,
  created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  last_seen_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  redriven_at timestamp with time zone,
  redriven_job_id uuid,
  tenant text NOT NULL DEFAULT 'default'::text,
  fingerprint text,
  error text,
  frame text,
  producer text,
  properties jsonb,
  discarded_at timestamp with time zone,
  discard jsonb,
  CONSTRAINT dead_letters_identity_key UNIQUE (identity),
  CONSTRAINT dead_letters_pkey PRIMARY KEY (id),
  CONSTRAINT dead_letters_source_check CHECK ((source = ANY (ARRAY['job'::text, 'message'::text])))
);
CREATE INDEX dead_letters_group ON longhaul.dead_letters USING btree (fingerprint, created_at DESC, id DESC) WHERE ((redriven_at IS NULL) AND (discarded_at IS NULL));
CREATE INDEX dead_letters_group_jobs ON longhaul.dead_letters USING btree (fingerprint, job_id) WHERE ((redriven_at IS NULL) AND (discarded_at IS NULL) AND (source = 'job'::text));
CREATE INDEX dead_letters_job ON longhaul.dead_letters USING btree (job_id);
CREATE INDEX dead_letters_newest ON longhaul.dead_letters USING btree (created_at DESC, id DESC);
CREATE INDEX dead_letters_of_tenant ON longhaul.dead_letters USING btree (tenant, created_at DESC, id DESC) WHERE (tenant <> 'default'::text);
CREATE INDEX dead_letters_of_tenant_group ON longhaul.dead_letters USING btree (tenant, fingerprint, created_at DESC, id DESC) WHERE ((redriven_at IS NULL) AND (discarded_at IS NULL) AND (tenant <> 'default'::text));
CREATE INDEX dead_letters_ungrouped ON longhaul.dead_letters USING btree (id) WHERE (fingerprint IS NULL);

CREATE TABLE longhaul.email_counts (
  recipient text NOT NULL,
  hour timestamp with time zone NOT NULL,
  sent integer NOT NULL,
  CONSTRAINT email_counts_pkey PRIMARY KEY (recipient, hour)
);

CREATE TABLE longhaul.erasure_items (
  erasure_id uuid NOT NULL,
  thing text NOT NULL,
  id uuid NOT NULL,
  CONSTRAINT erasure_items_pkey PRIMARY KEY (erasure_id, thing, id),
  CONSTRAINT erasure_items_erasure_id_fkey FOREIGN KEY (erasure_id) REFERENCES longhaul.erasures(id) ON DELETE CASCADE,
  CONSTRAINT erasure_items_thing_check CHECK ((thing = ANY (ARRAY['jobs'::text, 'notifications'::text, 'delivery'::text, 'telling'::text, 'file'::text])))
);

CREATE TABLE longhaul.erasures (
  id uuid NOT NULL,
  tenant text NOT NULL DEFAULT 'default'::text,
  tag text NOT NULL,
  keep_files boolean NOT NULL DEFAULT false,
  reason text,
  subject text NOT NULL,
  via text NOT NULL,
  ip text NOT NULL,
  asked_at timestamp with time zone NOT NULL DEFAULT now(),
  removed jsonb NOT NULL DEFAULT '{}'::jsonb,
  jobs_sha256 text,
  remaining jsonb,
  finished_at timestamp with time zone,
  CONSTRAINT erasures_pkey PRIMARY KEY (id)
);
CREATE INDEX erasures_list ON longhaul.erasures USING btree (tenant, id);

CREATE TABLE longhaul.files (
  id uuid NOT NULL,
  name text NOT NULL,
  media_type text NOT NULL,
  size bigint NOT NULL,
  sha256 text NOT NULL,
  key text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  tenant text NOT NULL DEFAULT 'default'::text,
  CONSTRAINT files_key_key UNIQUE (key),
  CONSTRAINT files_pkey PRIMARY KEY (id),
  CONSTRAINT files_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  CONSTRAINT files_size_check CHECK ((size >= 0))
);
CREATE INDEX files_of_tenant ON longhaul.files USING btree (tenant) INCLUDE (size) WHERE (tenant <> 'default'::text);

CREATE TABLE longhaul.flow_limits (
  tenant text NOT NULL DEFAULT 'default'::text,
  name text NOT NULL,
  match jsonb NOT NULL,
  per text,
  concurrency integer,
  rate_count integer,
  rate_ms bigint,
  burst integer,
  strict boolean NOT NULL DEFAULT false,
  origin text NOT NULL DEFAULT 'api'::text,
  override jsonb,
  override_until timestamp with time zone,
  updated_by text,
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  code jsonb,
  CONSTRAINT flow_limits_pkey PRIMARY KEY (tenant, name),
  CONSTRAINT flow_limits_burst_check CHECK ((burst >= 1)),
  CONSTRAINT flow_limits_concurrency_check CHECK ((concurrency >= 1)),
  CONSTRAINT flow_limits_rate_count_check CHECK ((rate_count >= 1)),
  CONSTRAINT flow_limits_rate_ms_check CHECK ((rate_ms >= 1))
);

CREATE TABLE longhaul.flow_rates (
  limit_key text NOT NULL,
  next_at timestamp with time zone NOT NULL,
  CONSTRAINT flow_rates_pkey PRIMARY KEY (limit_key)
);

CREATE TABLE longhaul.flow_revision (
  one boolean NOT NULL DEFAULT true,
  number bigint NOT NULL,
  CONSTRAINT flow_revision_pkey PRIMARY KEY (one),
  CONSTRAINT flow_revision_one_check CHECK (one)
);

CREATE TABLE longhaul.flow_slots (
  limit_key text NOT NULL,
  job_id uuid NOT NULL,
  taken_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT flow_slots_pkey PRIMARY KEY (limit_key, job_id)
);
CREATE INDEX flow_slots_job ON longhaul.flow_slots USING btree (job_id);

CREATE TABLE longhaul.idempotency_keys (
  scope text NOT NULL,
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  job_id uuid NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  tenant text NOT NULL DEFAULT 'default'::text,
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_expiry ON longhaul.idempotency_keys USING btree (expires_at);

CREATE TABLE longhaul.job_events (
  job_id uuid NOT NULL,
  seq integer NOT NULL,
  type text NOT NULL,
  at timestamp with time zone NOT NULL,
  data jsonb NOT NULL,
  CONSTRAINT job_events_pkey PRIMARY KEY (job_id, seq),
  CONSTRAINT job_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES longhaul.jobs(id) ON DELETE CASCADE,
  CONSTRAINT job_events_type CHECK ((type = ANY (ARRAY['progress'::text, 'log'::text])))
);

CREATE TABLE longhaul.job_steps (
  job_id uuid NOT NULL,
  name text NOT NULL,
  result json NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT job_steps_pkey PRIMARY KEY (job_id, name),
  CONSTRAINT job_steps_job_id_fkey FOREIGN KEY (job_id) REFERENCES longhaul.jobs(id) ON DELETE CASCADE
);

CREATE TABLE longhaul.jobs (
  id uuid NOT NULL,
  kind text NOT NULL,
  queue text NOT NULL,
  state text NOT NULL,
  priority smallint NOT NULL,
  payload json NOT NULL,
  attempt integer NOT NULL DEFAULT 0,
  max_attempts integer NOT NULL,
  timeout_ms bigint,
  progress jsonb,
  result json,
  errors jsonb NOT NULL DEFAULT '[]'::jsonb,
  tags text[] NOT NULL DEFAULT '{}'::text[],
  traceparent text,
  redrives integer NOT NULL DEFAULT 0,
  cancel_requested boolean NOT NULL DEFAULT false,
  lease_token uuid,
  publish_id uuid,
  worker_id integer,
  fence integer NOT NULL DEFAULT 0,
  crashes integer NOT NULL DEFAULT 0,
  interruptions integer NOT NULL DEFAULT 0,
  deferred_at timestamp with time zone,
  run_at timestamp with time zone,
  queued_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  events integer NOT NULL DEFAULT 0,
  history jsonb DEFAULT '[]'::jsonb,
  outcome text DEFAULT 
CASE
    WHEN (finished_at IS NOT NULL) THEN state
    ELSE NULL::text
END,
  messaged_at timestamp with time zone,
  interrupted_at timestamp with time zone,
  tenant text NOT NULL DEFAULT 'default'::text,
  notify jsonb,
  flow_key text,
  limit_keys text[],
  start_before timestamp with time zone,
  unique_key text,
  origin jsonb,
  cancel jsonb,
  CONSTRAINT jobs_pkey PRIMARY KEY (id),
  CONSTRAINT jobs_finished CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text])))),
  CONSTRAINT jobs_leased CHECK (((state <> 'running'::text) OR ((lease_token IS NOT NULL) AND (worker_id IS NOT NULL)))),
  CONSTRAINT jobs_plain CHECK (((history IS NOT NULL) OR (events =
CASE state
    WHEN 'queued'::text THEN 1
    WHEN 'running'::text THEN 2
    WHEN 'succeeded'::text THEN 3
    ELSE '-1'::integer
END))),
  CONSTRAINT jobs_scheduled CHECK (((state <> 'scheduled'::text) OR (run_at IS NOT NULL))),
  CONSTRAINT jobs_state_known CHECK ((state = ANY (ARRAY['scheduled'::text, 'queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])))
) WITH (autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_cost_delay=0, fillfactor=50);
CREATE INDEX jobs_kind ON longhaul.jobs USING btree (kind, id);
CREATE INDEX jobs_of_tenant ON longhaul.jobs USING btree (tenant, id) WHERE (tenant <> 'default'::text);
CREATE INDEX jobs_of_tenant_kind ON longhaul.jobs USING btree (tenant, kind, id) WHERE (tenant <> 'default'::text);
CREATE INDEX jobs_of_tenant_outcome ON longhaul.jobs USING btree (tenant, outcome, id) WHERE ((outcome IS NOT NULL) AND (tenant <> 'default'::text));
CREATE INDEX jobs_of_tenant_tags ON longhaul.jobs USING gin (array_append(tags, (chr(10) || tenant))) WHERE ((tags <> '{}'::text[]) AND (tenant <> 'default'::text));
CREATE INDEX jobs_of_tenant_unfinished ON longhaul.jobs USING btree (tenant, id) WHERE ((finished_at IS NULL) AND (tenant <> 'default'::text));
CREATE INDEX jobs_outcome ON longhaul.jobs USING btree (outcome, id) WHERE (outcome IS NOT NULL);
CREATE INDEX jobs_scheduled ON longhaul.jobs USING btree (queue, id) WHERE (run_at IS NOT NULL);
CREATE INDEX jobs_start_before ON longhaul.jobs USING btree (start_before) WHERE (start_before IS NOT NULL);
CREATE INDEX jobs_tags ON longhaul.jobs USING gin (tags) WHERE (tags <> '{}'::text[]);
CREATE INDEX jobs_waiting ON longhaul.jobs USING btree (queue, id) WHERE ((finished_at IS NULL) AND (run_at IS NULL));

CREATE TABLE longhaul.kinds (
  name text NOT NULL,
  wake_up_size smallint NOT NULL,
  measured_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT kinds_pkey PRIMARY KEY (name),
  CONSTRAINT kinds_wake_up_size_check CHECK (((wake_up_size >= 1) AND (wake_up_size <= 64)))
);

CREATE TABLE longhaul.notices (
  job_id uuid NOT NULL,
  redrives integer NOT NULL,
  state text NOT NULL,
  available_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT notices_pkey PRIMARY KEY (job_id, redrives),
  CONSTRAINT notices_state_check CHECK ((state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text])))
) WITH (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=2000, autovacuum_vacuum_cost_delay=0);
CREATE INDEX notices_due ON longhaul.notices USING btree (available_at);

CREATE TABLE longhaul.outbox (
  id uuid NOT NULL,
  type text NOT NULL,
  queue text NOT NULL,
  priority smallint NOT NULL,
  suspect boolean NOT NULL DEFAULT false,
  attempts integer NOT NULL DEFAULT 0,
  available_at timestamp with time zone NOT NULL,
  job_ids uuid[] NOT NULL,
  CONSTRAINT outbox_pkey PRIMARY KEY (id),
  CONSTRAINT outbox_job_ids CHECK ((((cardinality(job_ids) >= 1) AND (cardinality(job_ids) <= 64)) AND ((type <> 'turn'::text) OR (cardinality(job_ids) = 1)))),
  CONSTRAINT outbox_type_check CHECK ((type = ANY (ARRAY['job'::text, 'event'::text, 'turn'::text])))
) WITH (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=2000, autovacuum_vacuum_cost_delay=0);
CREATE INDEX outbox_due ON longhaul.outbox USING btree (priority, available_at);

CREATE TABLE longhaul.paused_kinds (
  kind text NOT NULL,
  paused_at timestamp with time zone NOT NULL DEFAULT now(),
  paused_by text,
  pause_reason text,
  CONSTRAINT paused_kinds_pkey PRIMARY KEY (kind)
);

CREATE TABLE longhaul.queues (
  name text NOT NULL,
  paused_at timestamp with time zone,
  deleted_at timestamp with time zone,
  paused_by text,
  pause_reason text,
  fair_by text,
  fair_cost text,
  fair_weights jsonb,
  CONSTRAINT queues_pkey PRIMARY KEY (name),
  CONSTRAINT queues_fair_cost_check CHECK ((fair_cost = ANY (ARRAY['count'::text, 'time'::text])))
);

CREATE TABLE longhaul.quota_rates (
  tenant text NOT NULL,
  full_at timestamp with time zone NOT NULL,
  given integer NOT NULL,
  CONSTRAINT quota_rates_pkey PRIMARY KEY (tenant)
);

CREATE TABLE longhaul.quota_shares (
  tenant text NOT NULL,
  quota text NOT NULL,
  process uuid NOT NULL,
  amount bigint NOT NULL,
  until timestamp with time zone NOT NULL,
  CONSTRAINT quota_shares_pkey PRIMARY KEY (tenant, quota, process)
);

CREATE TABLE longhaul.retention_rules (
  tenant text NOT NULL,
  kinds text NOT NULL,
  origin text NOT NULL,
  succeeded_seconds bigint,
  failed_seconds bigint,
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT retention_rules_pkey PRIMARY KEY (tenant, kinds, origin),
  CONSTRAINT retention_rules_failed_seconds_check CHECK ((failed_seconds >= '-1'::integer)),
  CONSTRAINT retention_rules_succeeded_seconds_check CHECK ((succeeded_seconds >= '-1'::integer))
);

CREATE TABLE longhaul.rights (
  one boolean NOT NULL DEFAULT true,
  revision bigint NOT NULL DEFAULT 0,
  quotas bigint NOT NULL DEFAULT 0,
  CONSTRAINT rights_pkey PRIMARY KEY (one),
  CONSTRAINT rights_one_check CHECK (one)
);

CREATE TABLE longhaul.schedule_ticks (
  tenant text NOT NULL DEFAULT 'default'::text,
  schedule_id text NOT NULL,
  tick timestamp with time zone NOT NULL,
  previous_tick timestamp with time zone,
  outcome text NOT NULL,
  source text NOT NULL DEFAULT 'tick'::text,
  job_id uuid,
  detail text,
  at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT schedule_ticks_pkey PRIMARY KEY (tenant, schedule_id, tick),
  CONSTRAINT schedule_ticks_tenant_schedule_id_fkey FOREIGN KEY (tenant, schedule_id) REFERENCES longhaul.schedules(tenant, id) ON DELETE CASCADE,
  CONSTRAINT schedule_ticks_outcome_check CHECK ((outcome = ANY (ARRAY['submitted'::text, 'skipped_overlap'::text, 'buffered'::text, 'coalesced'::text, 'missed'::text, 'refused'::text]))),
  CONSTRAINT schedule_ticks_source_check CHECK ((source = ANY (ARRAY['tick'::text, 'backfill'::text, 'trigger'::text])))
);
CREATE INDEX schedule_ticks_at ON longhaul.schedule_ticks USING btree (at);

CREATE TABLE longhaul.schedules (
  tenant text NOT NULL DEFAULT 'default'::text,
  id text NOT NULL,
  kind text NOT NULL,
  payload json NOT NULL,
  options jsonb NOT NULL DEFAULT '{}'::jsonb,
  description text NOT NULL DEFAULT ''::text,
  spec jsonb NOT NULL,
  overlap text NOT NULL DEFAULT 'skip'::text,
  missed text NOT NULL DEFAULT 'last'::text,
  missed_window_ms bigint NOT NULL DEFAULT 86400000,
  jitter_ms integer NOT NULL DEFAULT 0,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  pause_after_failures integer,
  next_tick timestamp with time zone,
  due_at timestamp with time zone,
  last_tick timestamp with time zone,
  last_job_id uuid,
  buffered timestamp with time zone,
  buffered_previous timestamp with time zone,
  failures integer NOT NULL DEFAULT 0,
  paused_at timestamp with time zone,
  paused_by text,
  pause_reason text,
  origin text NOT NULL DEFAULT 'api'::text,
  revision integer NOT NULL DEFAULT 1,
  zone_data text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT schedules_pkey PRIMARY KEY (tenant, id),
  CONSTRAINT schedules_check CHECK (((paused_at IS NULL) OR (due_at IS NULL))),
  CONSTRAINT schedules_missed_check CHECK ((missed = ANY (ARRAY['skip'::text, 'last'::text, 'all'::text]))),
  CONSTRAINT schedules_overlap_check CHECK ((overlap = ANY (ARRAY['skip'::text, 'buffer'::text, 'allow'::text, 'cancel'::text])))
) WITH (fillfactor=70);
CREATE INDEX schedules_due ON longhaul.schedules USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX schedules_failing ON longhaul.schedules USING btree (paused_at) WHERE ((paused_by = 'longhaul'::text) AND (failures > 0));
CREATE INDEX schedules_kind ON longhaul.schedules USING btree (tenant, kind, id);

CREATE TABLE longhaul.schema_version (
  number integer NOT NULL,
  breaking boolean NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT schema_version_pkey PRIMARY KEY (number)
);

CREATE TABLE longhaul.sessions (
  hash bytea NOT NULL,
  key_id text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  seen_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone NOT NULL,
  holder jsonb,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  CONSTRAINT sessions_pkey PRIMARY KEY (hash),
  CONSTRAINT sessions_key_id_fkey FOREIGN KEY (key_id) REFERENCES longhaul.api_keys(id) ON DELETE CASCADE,
  CONSTRAINT sessions_rest CHECK (((key_id IS NULL) <> (holder IS NULL)))
);
CREATE INDEX sessions_expiry ON longhaul.sessions USING btree (expires_at);
CREATE UNIQUE INDEX sessions_id ON longhaul.sessions USING btree (id);

CREATE TABLE longhaul.starts (
  subject text NOT NULL,
  at timestamp with time zone NOT NULL,
  starts integer NOT NULL,
  CONSTRAINT starts_pkey PRIMARY KEY (subject, at)
) WITH (fillfactor=50, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=1000);

CREATE TABLE longhaul.stats (
  step smallint NOT NULL,
  at timestamp with time zone NOT NULL,
  queue text NOT NULL,
  kind text NOT NULL,
  accepted integer NOT NULL,
  started integer NOT NULL,
  succeeded integer NOT NULL,
  failed integer NOT NULL,
  cancelled integer NOT NULL,
  retried integer NOT NULL,
  run_ms double precision NOT NULL,
  wait_ms double precision NOT NULL,
  run integer[] NOT NULL,
  wait integer[] NOT NULL,
  CONSTRAINT stats_pkey PRIMARY KEY (step, at, queue, kind)
) WITH (fillfactor=70, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=1000);

CREATE TABLE longhaul.stats_queues (
  step smallint NOT NULL,
  at timestamp with time zone NOT NULL,
  queue text NOT NULL,
  queued integer NOT NULL,
  scheduled integer NOT NULL,
  running integer NOT NULL,
  oldest_ms double precision,
  CONSTRAINT stats_queues_pkey PRIMARY KEY (step, at, queue)
);

CREATE TABLE longhaul.stats_writers (
  process uuid NOT NULL,
  number integer NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT stats_writers_pkey PRIMARY KEY (process)
) WITH (fillfactor=50);

CREATE TABLE longhaul.stream_tickets (
  hash bytea NOT NULL,
  tenant text NOT NULL,
  target text NOT NULL,
  sealed bytea NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT stream_tickets_pkey PRIMARY KEY (hash)
);

CREATE TABLE longhaul.tenant_quotas (
  tenant text NOT NULL,
  quotas jsonb NOT NULL,
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_by text NOT NULL,
  CONSTRAINT tenant_quotas_pkey PRIMARY KEY (tenant)
);

CREATE TABLE longhaul.unique_jobs (
  unique_key text NOT NULL,
  job_id uuid NOT NULL,
  CONSTRAINT unique_jobs_pkey PRIMARY KEY (unique_key)
);

CREATE TABLE longhaul.waiting_room (
  job_id uuid NOT NULL,
  queue text NOT NULL,
  kind text NOT NULL,
  priority smallint NOT NULL,
  virtual_time double precision NOT NULL,
  flow_key text,
  limit_keys text[],
  parked_on text,
  suspect boolean NOT NULL DEFAULT false,
  start_before timestamp with time zone,
  entered_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT waiting_room_pkey PRIMARY KEY (job_id)
) WITH (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=2000, autovacuum_vacuum_cost_delay=0);
CREATE INDEX waiting_room_flow_key ON longhaul.waiting_room USING btree (queue, priority, flow_key, virtual_time) WHERE (flow_key IS NOT NULL);
CREATE INDEX waiting_room_parked ON longhaul.waiting_room USING btree (parked_on, priority, virtual_time, job_id) WHERE (parked_on IS NOT NULL);
CREATE INDEX waiting_room_ready ON longhaul.waiting_room USING btree (queue, priority, virtual_time, job_id) WHERE (parked_on IS NULL);
CREATE INDEX waiting_room_start_before ON longhaul.waiting_room USING btree (start_before) WHERE (start_before IS NOT NULL);

CREATE TABLE longhaul.webhook_callback_secret (
  only_row boolean NOT NULL DEFAULT true,
  secret text NOT NULL,
  CONSTRAINT webhook_callback_secret_pkey PRIMARY KEY (only_row),
  CONSTRAINT webhook_callback_secret_only_row_check CHECK (only_row)
);

CREATE TABLE longhaul.webhook_deliveries (
  id uuid NOT NULL,
  webhook_id text NOT NULL,
  endpoint_id uuid,
  job_id uuid,
  type text NOT NULL,
  url text NOT NULL,
  body text NOT NULL,
  state text NOT NULL DEFAULT 'pending'::text,
  attempts jsonb NOT NULL DEFAULT '[]'::jsonb,
  delivery_job_id uuid NOT NULL,
  next_attempt_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  finished_at timestamp with time zone,
  tenant text NOT NULL DEFAULT 'default'::text,
  CONSTRAINT webhook_deliveries_webhook_id_key UNIQUE (webhook_id),
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_deliveries_finished CHECK (((finished_at IS NULL) = (state = 'pending'::text))),
  CONSTRAINT webhook_deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text])))
);
CREATE INDEX webhook_deliveries_endpoint ON longhaul.webhook_deliveries USING btree (endpoint_id, id);
CREATE INDEX webhook_deliveries_job ON longhaul.webhook_deliveries USING btree (job_id);
CREATE INDEX webhook_deliveries_of_tenant ON longhaul.webhook_deliveries USING btree (tenant, id) WHERE (tenant <> 'default'::text);

CREATE TABLE longhaul.webhook_endpoints (
  id uuid NOT NULL,
  url text NOT NULL,
  description text NOT NULL,
  events text[] NOT NULL,
  kinds text[] NOT NULL,
  tags text[] NOT NULL,
  secrets jsonb NOT NULL,
  disabled_at timestamp with time zone,
  disabled_reason text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  tenant text NOT NULL DEFAULT 'default'::text,
  CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id)
);

CREATE TABLE longhaul.workers (
  id integer NOT NULL GENERATED BY DEFAULT AS IDENTITY,
  name text NOT NULL,
  concurrency integer NOT NULL,
  queues text[] NOT NULL,
  started_at timestamp with time zone NOT NULL DEFAULT now(),
  lease_until timestamp with time zone NOT NULL,
  details jsonb,
  drain jsonb,
  assigned jsonb,
  CONSTRAINT workers_pkey PRIMARY KEY (id)
) WITH (fillfactor=50, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=200);
