-- A million jobs of an installation that has run for a while, and in it what makes a list slow: filters that match much, little, nothing,
-- and pairs of which each half matches much and both together nothing (old kinds and tags, failures of one day).
SET synchronous_commit = off;
SET search_path = longhaul;
INSERT INTO queues (name) VALUES ('default'), ('mail'), ('rare') ON CONFLICT DO NOTHING;
INSERT INTO workers (id, name, concurrency, queues, lease_until) OVERRIDING SYSTEM VALUE
  SELECT n, 'million:' || n, 100, '{}', now() + interval '1 day' FROM generate_series(1, 50) n;
SELECT setval(pg_get_serial_sequence('workers', 'id'), 100);
INSERT INTO jobs (id, kind, queue, state, priority, payload, attempt, max_attempts, result, errors, tags, lease_token, worker_id, run_at,
                  queued_at, created_at, started_at, finished_at, events, history)
SELECT id, kind, queue, state, 4, '{"value":1}', 1, 3,
       CASE WHEN state = 'succeeded' THEN '{"rows":1234}'::json END,
       CASE WHEN state = 'failed' THEN '[{"code":"handler_error","name":"Error","message":"no","attempt":1,"at":"2026-01-01T00:00:00.000Z"}]'::jsonb ELSE '[]' END,
       tags, CASE WHEN state = 'running' THEN gen_random_uuid() END, CASE WHEN state = 'running' THEN 1 + n % 50 END,
       CASE WHEN state = 'scheduled' THEN now() + interval '1 hour' END, at, at, CASE WHEN state NOT IN ('queued', 'scheduled') THEN at END,
       CASE WHEN state IN ('succeeded', 'failed', 'cancelled') THEN at + interval '1 second' END, 3,
       jsonb_build_array(jsonb_build_array(1, 'queued', 0, extract(epoch FROM at)), jsonb_build_array(2, state, 1, extract(epoch FROM at)))
FROM (
  SELECT n, at, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid AS id,
         CASE WHEN n < 200000 THEN 'old.kind' WHEN n % 1000 = 7 THEN 'seldom.kind' WHEN n % 333333 = 5 THEN 'rare.kind' WHEN n % 10 < 7 THEN 'usual.kind' ELSE 'kind.' || n % 17 END AS kind,
         CASE WHEN n < 300000 AND n % 3 = 0 THEN 'mail' WHEN n % 300000 = 11 THEN 'rare' ELSE 'default' END AS queue,
         CASE WHEN n > 995000 AND n % 2 = 0 THEN 'queued' WHEN n > 996000 AND n % 20 = 1 THEN 'running' WHEN n > 950000 AND n % 11 = 1 THEN 'scheduled'
              WHEN n BETWEEN 600000 AND 680000 AND n % 2 = 0 THEN 'failed' WHEN n % 50 = 3 AND n > 400000 THEN 'cancelled' ELSE 'succeeded' END AS state,
         CASE WHEN n < 150000 THEN ARRAY['old-tag'] WHEN n % 2 = 0 THEN ARRAY['common', 'tenant-' || n % 5000] WHEN n % 100000 = 13 THEN ARRAY['rare-tag'] ELSE '{}' END AS tags
  FROM (SELECT n, now() - interval '20 days' + n * interval '1.7 seconds' AS at FROM generate_series(1, 1000000) n) g
) j;
INSERT INTO claims SELECT worker_id, array_agg(id) FROM jobs WHERE state = 'running' GROUP BY worker_id;
INSERT INTO dead_letters (identity, source, reason, detail, job_id, kind, queue, created_at, last_seen_at, redriven_at)
  SELECT 'job:' || id || ':0', 'job', CASE WHEN row_number() OVER () % 5000 = 0 THEN 'timeout' ELSE 'handler_error' END, 'no', id, kind, queue, finished_at, finished_at,
         CASE WHEN get_byte(uuid_send(id), 15) % 2 = 0 THEN now() END FROM jobs WHERE state = 'failed';
INSERT INTO dead_letters (identity, source, reason, detail, kind, headers, body, created_at, last_seen_at)
  SELECT 'message:' || n, 'message', 'unreadable', 'no JSON', CASE WHEN n % 2 = 0 THEN 'old.kind' END, '{}', '\x7b', now() - n * interval '1 second', now() FROM generate_series(1, 100000) n;
INSERT INTO webhook_deliveries (id, webhook_id, endpoint_id, job_id, type, url, body, state, delivery_job_id, created_at, finished_at)
  SELECT id, 'msg_' || id, CASE WHEN n % 2 = 0 THEN '00000000-0000-7000-8000-000000000001'::uuid END, id, 'job.succeeded', 'https://example.com/', '{}',
         CASE WHEN n % 10000 = 0 THEN 'failed' ELSE 'succeeded' END, gen_random_uuid(), created_at, created_at
  FROM (SELECT id, created_at, row_number() OVER (ORDER BY id) AS n FROM jobs WHERE state = 'succeeded') j WHERE n % 3 = 0;
INSERT INTO job_events (job_id, seq, type, at, data) SELECT id, 2, 'log', created_at, '{"level":"info","message":"a line"}' FROM jobs WHERE get_byte(uuid_send(id), 15) < 26;
VACUUM ANALYZE;
