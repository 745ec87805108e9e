-- Row-level security: a session sees and writes the rows of its agency, whatever a query forgets.

-- Begins an agency's transaction: sets whose it is, and whose records it may read (its own; as an oversight body also those
-- of the agencies that let it). SECURITY DEFINER, because the grants of others are not its own to read.
CREATE FUNCTION begin_session(agency uuid, member uuid) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT set_config('detainer.agency', coalesce(agency::text, ''), true),
               set_config('detainer.user', coalesce(member::text, ''), true),
               set_config('detainer.readable', CASE WHEN agency IS NULL THEN '' ELSE (
                   array_append(coalesce((SELECT array_agg(g.agency_id) FROM oversight_grant g
                                           WHERE g.oversight_id = agency AND g.ended_at IS NULL), '{}'), agency))::text END, true)
    $$;

-- The token that a secret's hash opens, if it is live. SECURITY DEFINER, because a token is looked up before an agency is known.
CREATE FUNCTION open_token(hash text, at timestamptz)
    RETURNS TABLE (id uuid, agency_id uuid, user_id uuid, scopes text[], kinds text[], user_active boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT t.id, t.agency_id, t.user_id, t.scopes::text[], a.kinds::text[], coalesce(u.is_active, true)
          FROM token t JOIN agency a ON a.id = t.agency_id LEFT JOIN "user" u ON u.id = t.user_id
         WHERE t.secret_hash = hash AND t.revoked_at IS NULL AND t.expires_at > at
    $$;

-- What each role may do at all; the policies below say with which rows.
GRANT USAGE ON SCHEMA public TO detainer_service, detainer_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO detainer_service, detainer_worker;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO detainer_service, detainer_worker;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO detainer_service, detainer_worker;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO detainer_service, detainer_worker;
REVOKE UPDATE, DELETE, TRUNCATE ON event FROM detainer_service, detainer_worker;
REVOKE UPDATE, DELETE, TRUNCATE ON checkpoint FROM detainer_service, detainer_worker;
REVOKE DELETE, TRUNCATE ON stream FROM detainer_service, detainer_worker;
REVOKE INSERT, UPDATE, DELETE ON agency, facility, checkpoint FROM detainer_service;
-- Of a delivery, the agency that got it says who opened it; the worker carries it.
REVOKE UPDATE, DELETE, TRUNCATE ON delivery FROM detainer_service;
GRANT UPDATE (opened_at, opened_by) ON delivery TO detainer_service;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['membership', 'token', 'oversight_grant', 'identity', 'stream', 'event', 'feed', 'request', 'stay',
                                'file', 'deadline', 'delivery', 'idempotency_key', 'checkpoint'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY worker ON %I TO detainer_worker USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$$;

CREATE POLICY own ON membership TO detainer_service
    USING (agency_id = current_agency() OR user_id = current_member())
    WITH CHECK (agency_id = current_agency());
CREATE POLICY own ON token TO detainer_service USING (agency_id = current_agency());
CREATE POLICY own ON oversight_grant TO detainer_service
    USING (agency_id = current_agency() OR oversight_id = current_agency())
    WITH CHECK (agency_id = current_agency());
CREATE POLICY everyone ON checkpoint FOR SELECT TO detainer_service USING (current_agency() IS NOT NULL);
CREATE POLICY own ON idempotency_key TO detainer_service USING (agency_id = current_agency());

-- An identity is its agency's own; who shares one writes the other's copy and cannot read it again.
CREATE POLICY own ON identity TO detainer_service USING (agency_id = current_agency());
CREATE POLICY shared ON identity FOR INSERT TO detainer_service WITH CHECK (shared_by_id = current_agency());

-- The record: a stream is its parties'. (SELECT current_...()) is read once for a statement, not once for a row. What hangs on a
-- stream looks its parties up by id, row by row: as EXISTS it would be planned as a read of every stream that the agency has.
CREATE POLICY parties ON stream FOR SELECT TO detainer_service USING (parties && (SELECT current_readable()));
CREATE POLICY begun ON stream FOR INSERT TO detainer_service WITH CHECK (current_agency() = ANY (parties));
CREATE POLICY grown ON stream FOR UPDATE TO detainer_service
    USING (current_agency() = ANY (parties)) WITH CHECK (current_agency() = ANY (parties));

CREATE POLICY parties ON event FOR SELECT TO detainer_service
    USING ((SELECT parties FROM stream WHERE stream.id = stream_id) && (SELECT current_readable()));
CREATE POLICY said ON event FOR INSERT TO detainer_service
    WITH CHECK (says_id = current_agency()
                AND (SELECT current_agency() = ANY (parties) FROM stream WHERE stream.id = stream_id));

CREATE POLICY own ON feed FOR SELECT TO detainer_service USING (agency_id = current_agency());
CREATE POLICY parties ON feed FOR INSERT TO detainer_service
    WITH CHECK (EXISTS (SELECT FROM event JOIN stream ON stream.id = event.stream_id
                         WHERE event.id = event_id AND current_agency() = ANY (stream.parties) AND agency_id = ANY (stream.parties)));

-- The read tables follow their stream.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['request', 'stay', 'file', 'deadline'] LOOP
        EXECUTE format('CREATE POLICY parties ON %I FOR SELECT TO detainer_service
            USING ((SELECT parties FROM stream WHERE stream.id = stream_id) && (SELECT current_readable()))', name);
        EXECUTE format('CREATE POLICY written ON %I TO detainer_service
            USING ((SELECT current_agency() = ANY (parties) FROM stream WHERE stream.id = stream_id))', name);
    END LOOP;
END
$$;

CREATE POLICY ends ON delivery FOR SELECT TO detainer_service
    USING (from_agency_id = ANY (current_readable()) OR to_agency_id = ANY (current_readable()));
CREATE POLICY sent ON delivery FOR INSERT TO detainer_service
    WITH CHECK (from_agency_id = current_agency()
                AND EXISTS (SELECT FROM event JOIN stream ON stream.id = event.stream_id
                             WHERE event.id = event_id AND event.stream_id = delivery.stream_id
                               AND current_agency() = ANY (stream.parties) AND to_agency_id = ANY (stream.parties)));
CREATE POLICY opened ON delivery FOR UPDATE TO detainer_service USING (to_agency_id = current_agency());
