package dev.toolpost.worker.call;

import dev.toolpost.connectors.ToolRef;
import dev.toolpost.worker.classify.SqlClassifier;
import dev.toolpost.worker.sql.SqlOutcome;
import dev.toolpost.worker.sql.SqlRequest;
import dev.toolpost.worker.sql.VendorSql;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A statement in a transaction of its own. */
record SqlExchange(VendorSql sql, ToolRef ref, SqlRequest request) implements Exchange {

    @Override
    public String server() {
        return request.database().server();
    }

    @Override
    public String shown() {
        ObjectNode answer = JsonMapper.shared().createObjectNode();
        answer.put("database", request.database().url());
        answer.put("read_only", request.readOnly());
        answer.put("statement", request.text());
        ArrayNode parameters = answer.putArray("parameters");
        request.parameters().forEach(parameters::add);
        return JsonMapper.shared().writeValueAsString(answer);
    }

    @Override
    public Made make(long untilNanos) {
        SqlOutcome outcome = sql.execute(request, untilNanos);
        return new Made(SqlClassifier.classify(ref.connector(), ref.tool(), outcome), trace(outcome), outcome.took());
    }

    private static Trace trace(SqlOutcome outcome) {
        return switch (outcome) {
            case SqlOutcome.Done done -> Trace.ANSWERED;
            case SqlOutcome.TooMuch tooMuch -> Trace.ANSWERED;
            case SqlOutcome.Failed failed -> failed.lost() ? Trace.UNANSWERED : Trace.ANSWERED;
            case SqlOutcome.NotSent notSent -> Trace.NONE;
        };
    }
}
