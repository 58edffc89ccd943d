-- A delivery that somebody asks for, a resend or a replay, belongs to the trace of that request, not to its event's.
ALTER TABLE delivery ADD COLUMN traceparent TEXT;
