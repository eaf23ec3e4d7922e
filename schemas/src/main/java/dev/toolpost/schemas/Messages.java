package dev.toolpost.schemas;

import dev.toolpost.message.AuditEvent;
import dev.toolpost.message.ConnectionEvent;
import dev.toolpost.message.ConnectorUpdate;
import dev.toolpost.message.Deferral;
import dev.toolpost.message.JobCommand;
import dev.toolpost.message.JobEvent;
import dev.toolpost.message.JobStatus;
import dev.toolpost.message.LimitEvent;
import dev.toolpost.message.PartEvent;
import dev.toolpost.message.Resumption;
import dev.toolpost.message.Schedule;
import dev.toolpost.message.StateEntry;
import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;

/** The records that stand alone as the value of some topic, and their published schemas. */
public final class Messages {
    private static final List<Class<? extends SpecificRecordBase>> ALL = List.of(
            ToolCall.class,
            ToolReply.class,
            Resumption.class,
            StateEntry.class,
            Deferral.class,
            JobCommand.class,
            JobEvent.class,
            PartEvent.class,
            JobStatus.class,
            Schedule.class,
            AuditEvent.class,
            ConnectionEvent.class,
            LimitEvent.class,
            ConnectorUpdate.class);

    private Messages() {}

    public static List<Class<? extends SpecificRecordBase>> all() {
        return ALL;
    }

    /** The schema as it is registered: self-contained, without what only Java's code generator wants to know. */
    public static Schema avroSchema(Class<? extends SpecificRecordBase> message) {
        return PlainSchema.of(SpecificData.get().getSchema(message));
    }

    /** A JSON Schema (2020-12) of the message's plain JSON form, as text. */
    public static String jsonSchema(Class<? extends SpecificRecordBase> message) {
        return JsonForm.schemaOf(avroSchema(message));
    }
}
