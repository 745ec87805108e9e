-- Channels, receipt codes, agreements, documents and signatures: whose they are.

-- A channel is its agency's own: nobody else learns where it is reached. Who sends learns which kinds there are, nothing more.
ALTER TABLE channel ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON channel TO detainer_worker USING (true) WITH CHECK (true);
CREATE POLICY own ON channel TO detainer_service USING (agency_id = current_agency()) WITH CHECK (agency_id = current_agency());

CREATE FUNCTION channels_of(agencies uuid[]) RETURNS TABLE (agency_id uuid, kind text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT c.agency_id, c.kind::text FROM channel c WHERE c.agency_id = ANY (agencies) AND c.active $$;

-- The sender of a delivery that needs a person has it tried again. SECURITY DEFINER, because of a delivery who got it says who
-- opened it, and nobody else changes anything.
CREATE FUNCTION try_again(the_delivery uuid, at timestamptz) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        WITH tried AS (
            UPDATE delivery SET needs_person = false, next_try_at = at
             WHERE id = the_delivery AND from_agency_id = current_agency() AND needs_person AND delivered_at IS NULL
         RETURNING 1)
        SELECT count(*) > 0 FROM tried
    $$;

-- Who sent what could not be delivered told it by telephone: nobody needs to see to it any more, and how it came is kept.
CREATE FUNCTION told_by_telephone(the_delivery uuid, at timestamptz) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        WITH told AS (
            UPDATE delivery SET needs_person = false, next_try_at = NULL, delivered_at = at, failure = 'told by telephone'
             WHERE id = the_delivery AND from_agency_id = current_agency() AND needs_person AND delivered_at IS NULL
         RETURNING 1)
        SELECT count(*) > 0 FROM told
    $$;

-- Since when nothing arrives at an agency by a channel: who sends learns that, and not where the channel leads.
CREATE FUNCTION failing_channels(agencies uuid[]) RETURNS TABLE (agency_id uuid, kind text, failing_since timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT c.agency_id, c.kind::text, c.failing_since FROM channel c
           WHERE c.agency_id = ANY (agencies) AND c.failing_since IS NOT NULL $$;

-- The sender of a paper says that it was handed over: nothing else tells that it arrived.
CREATE FUNCTION handed_over(the_delivery uuid, at timestamptz) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        WITH handed AS (
            UPDATE delivery SET delivered_at = at, attempts = 1, next_try_at = NULL, needs_person = false
             WHERE id = the_delivery AND from_agency_id = current_agency() AND channel = 'paper' AND delivered_at IS NULL
         RETURNING 1)
        SELECT count(*) > 0 FROM handed
    $$;

-- How long the oldest delivery to an inbox has been waiting: what a receiver's own server does not accept is not ours to carry.
CREATE OR REPLACE FUNCTION oldest_undelivered() RETURNS double precision
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT greatest(coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0), 0)::double precision
          FROM delivery WHERE delivered_at IS NULL AND channel = 'inbox'
    $$;

-- A code is made by who sends the paper; whoever types it is nobody yet, so the look-up is a function that counts what is wrong.
ALTER TABLE receipt_code ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON receipt_code TO detainer_worker USING (true) WITH CHECK (true);
CREATE POLICY ends ON receipt_code TO detainer_service
    USING (EXISTS (SELECT FROM delivery d WHERE d.id = delivery_id AND d.from_agency_id = current_agency()))
    WITH CHECK (EXISTS (SELECT FROM delivery d WHERE d.id = delivery_id AND d.from_agency_id = current_agency()));

-- The delivery that a reference and a code open, or nothing. Ten wrong codes lock a reference; a code works once.
CREATE FUNCTION use_receipt_code(the_reference text, the_hash text, at timestamptz)
    RETURNS TABLE (state text, delivery_id uuid, stream_id uuid, event_id uuid, to_agency_id uuid, channel text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        DECLARE
            kept receipt_code%ROWTYPE;
        BEGIN
            SELECT * INTO kept FROM receipt_code r WHERE r.reference = the_reference FOR UPDATE;
            IF NOT FOUND THEN
                RETURN QUERY SELECT 'unknown'::text, NULL::uuid, NULL::uuid, NULL::uuid, NULL::uuid, NULL::text;
            ELSIF kept.wrong >= 10 THEN
                RETURN QUERY SELECT 'locked'::text, NULL::uuid, NULL::uuid, NULL::uuid, NULL::uuid, NULL::text;
            ELSIF kept.code_hash <> the_hash THEN
                UPDATE receipt_code SET wrong = wrong + 1 WHERE receipt_code.delivery_id = kept.delivery_id;
                RETURN QUERY SELECT 'wrong'::text, NULL::uuid, NULL::uuid, NULL::uuid, NULL::uuid, NULL::text;
            ELSE
                UPDATE receipt_code SET used_at = coalesce(used_at, at) WHERE receipt_code.delivery_id = kept.delivery_id;
                RETURN QUERY SELECT CASE WHEN kept.used_at IS NULL THEN 'opened' ELSE 'used' END::text,
                                    d.id, d.stream_id, d.event_id, d.to_agency_id, d.channel::text
                               FROM delivery d WHERE d.id = kept.delivery_id;
            END IF;
        END
    $$;

-- An agreement and a signature are read by the two they are between, and written by one for itself; never changed.
REVOKE UPDATE, DELETE, TRUNCATE ON agreement, reconciliation FROM detainer_service, detainer_worker;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['agreement', 'reconciliation'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY worker ON %I TO detainer_worker USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY pair ON %I FOR SELECT TO detainer_service
            USING (custodian_id = ANY (current_readable()) OR requester_id = ANY (current_readable()))', name);
    END LOOP;
END
$$;
CREATE POLICY said ON agreement FOR INSERT TO detainer_service
    WITH CHECK (by_agency_id = current_agency() AND current_agency() IN (custodian_id, requester_id));
CREATE POLICY signed ON reconciliation FOR INSERT TO detainer_service
    WITH CHECK (agency_id = current_agency() AND by_user = current_member() AND current_agency() IN (custodian_id, requester_id));

-- A document is its agency's own, kept as it was made; of its bytes nothing can be done but to empty them, when a court orders
-- the identity destroyed.
ALTER TABLE document ENABLE ROW LEVEL SECURITY;
REVOKE UPDATE, DELETE, TRUNCATE ON document FROM detainer_service;
GRANT UPDATE (pdf) ON document TO detainer_service;
CREATE POLICY worker ON document TO detainer_worker USING (true) WITH CHECK (true);
CREATE POLICY own ON document FOR SELECT TO detainer_service USING (agency_id = current_agency());
CREATE POLICY made ON document FOR INSERT TO detainer_service WITH CHECK (agency_id = current_agency());
CREATE POLICY emptied ON document FOR UPDATE TO detainer_service
    USING (agency_id = current_agency()) WITH CHECK (agency_id = current_agency() AND pdf IS NULL);
