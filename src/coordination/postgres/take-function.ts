/**
 * The one decision about Omie's budgets that all replicas share. It is a function of the database, not a statement: each
 * statement inside it sees what was committed before it began, so after the lock it sees every call granted before. A single
 * statement would have looked before it had the lock, and two replicas would have taken the last place together.
 *
 * Windows slide, as Omie's do: a counter for each clock minute would let twice the limit pass around its edge.
 * `memory-budget.ts` does the same arithmetic; a property test holds the two together.
 */
export const TAKE_FUNCTION = `
CREATE OR REPLACE FUNCTION omie_mcp_hub.take_v1(
  p_address text, p_replica text,
  p_window_ms integer, p_per_address integer, p_per_lane integer, p_parallel_limit integer, p_share_from integer,
  p_tickets text[], p_companies text[], p_lanes text[], p_per_minute integer[], p_parallel integer[], p_hold_ms integer[]
) RETURNS TABLE (granted boolean, busy boolean, wait_ms double precision)
LANGUAGE plpgsql VOLATILE AS $body$
DECLARE
  v_window interval := p_window_ms * interval '1 millisecond';
  v_now timestamptz;
  v_from timestamptz;
  v_until timestamptz;
  v_at timestamptz;
  v_used integer;
  v_mine integer;
  v_active integer;
  v_running integer;
BEGIN
  -- 0x6f6d6965 is "omie"; one lock for all addresses, since a company's own limit holds over all of them.
  PERFORM pg_advisory_xact_lock(1869441381, 2);
  v_now := clock_timestamp();
  v_from := v_now - v_window;
  SELECT count(*) INTO v_used FROM omie_mcp_hub.calls c WHERE c.address = p_address AND c.at > v_from;
  FOR i IN 1 .. cardinality(p_tickets) LOOP
    granted := false;
    busy := false;
    v_until := v_now;

    SELECT p.until INTO v_at FROM omie_mcp_hub.pauses p
      WHERE p.address = p_address AND p.lane = p_lanes[i] AND p.until > v_now;
    IF v_at IS NOT NULL THEN v_until := greatest(v_until, v_at); END IF;

    IF v_used >= p_per_address THEN
      SELECT c.at INTO v_at FROM omie_mcp_hub.calls c WHERE c.address = p_address AND c.at > v_from
        ORDER BY c.at DESC OFFSET p_per_address - 1 LIMIT 1;
      IF v_at IS NOT NULL THEN v_until := greatest(v_until, v_at + v_window); END IF;
    END IF;

    SELECT c.at INTO v_at FROM omie_mcp_hub.calls c WHERE c.company = p_companies[i] AND c.at > v_from
      ORDER BY c.at DESC OFFSET p_per_minute[i] - 1 LIMIT 1;
    IF v_at IS NOT NULL THEN v_until := greatest(v_until, v_at + v_window); END IF;

    SELECT c.at INTO v_at FROM omie_mcp_hub.calls c
      WHERE c.address = p_address AND c.lane = p_lanes[i] AND c.at > v_from
      ORDER BY c.at DESC OFFSET p_per_lane - 1 LIMIT 1;
    IF v_at IS NOT NULL THEN v_until := greatest(v_until, v_at + v_window); END IF;

    IF v_used >= p_share_from THEN
      SELECT count(DISTINCT c.company), count(*) FILTER (WHERE c.company = p_companies[i]), min(c.at)
        INTO v_active, v_mine, v_at
        FROM omie_mcp_hub.calls c WHERE c.address = p_address AND c.at > v_from;
      IF v_mine >= p_per_address::double precision / (v_active + 1) THEN
        v_until := greatest(v_until, v_at + v_window);
      END IF;
    END IF;

    IF v_until <= v_now THEN
      SELECT count(*), min(c.held_until) INTO v_running, v_at FROM omie_mcp_hub.calls c
        WHERE c.address = p_address AND c.lane = p_lanes[i] AND c.held_until > v_now;
      IF v_running >= least(p_parallel[i], p_parallel_limit) THEN
        busy := true;
        v_until := v_at;
      ELSE
        granted := true;
        v_used := v_used + 1;
        INSERT INTO omie_mcp_hub.calls (ticket, replica, address, company, lane, at, held_until)
          VALUES (p_tickets[i], p_replica, p_address, p_companies[i], p_lanes[i], v_now,
                  v_now + p_hold_ms[i] * interval '1 millisecond');
      END IF;
    END IF;
    wait_ms := extract(epoch FROM v_until - v_now)::double precision * 1000;
    RETURN NEXT;
  END LOOP;
END
$body$;
`;
