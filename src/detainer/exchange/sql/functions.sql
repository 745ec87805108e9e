-- What the policies and the feed stand on. current_* read the settings of the transaction; without them nothing is seen.

CREATE FUNCTION detainer_txid() RETURNS bigint LANGUAGE sql VOLATILE
    AS $$ SELECT pg_current_xact_id()::text::bigint $$;

CREATE FUNCTION current_agency() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('detainer.agency', true), '')::uuid $$;

CREATE FUNCTION current_member() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('detainer.user', true), '')::uuid $$;

CREATE FUNCTION current_readable() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(nullif(current_setting('detainer.readable', true), '')::uuid[], '{}') $$;
