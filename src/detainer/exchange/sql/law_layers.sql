-- An agency's own law is read by every agency that takes part (whoever lodges a request is answered under it), and added to by
-- its agency alone. A layer is never changed or deleted: a later one takes its place, or an entry without a text withdraws it.
REVOKE UPDATE, DELETE, TRUNCATE ON law_layer FROM detainer_service, detainer_worker;
ALTER TABLE law_layer ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON law_layer TO detainer_worker USING (true) WITH CHECK (true);
CREATE POLICY everyone ON law_layer FOR SELECT TO detainer_service USING ((SELECT current_agency()) IS NOT NULL);
CREATE POLICY own ON law_layer FOR INSERT TO detainer_service WITH CHECK (agency_id = current_agency());
