package dev.toolpost.scheduler.job;

import dev.toolpost.message.ConnectionEvent;
import dev.toolpost.message.JobCommand;
import dev.toolpost.message.JobEvent;
import dev.toolpost.message.JobStatus;
import dev.toolpost.message.PartEvent;
import dev.toolpost.message.Resumption;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.registry.SchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The messages of jobs as bytes. Thread-safe. */
final class JobMessages {

    private static final String KEPT = "kept";

    private final MessageCodec<JobCommand> commands;
    private final MessageCodec<PartEvent> parts;
    private final MessageCodec<JobEvent> events;
    private final MessageCodec<JobStatus> statuses;
    private final MessageCodec<Resumption> resumptions;
    private final MessageCodec<ToolReply> replies;
    private final MessageCodec<ConnectionEvent> connections;
    private final Format internal;

    /** @param registry null where messages are JSON only */
    JobMessages(@Nullable SchemaRegistry registry) {
        this.commands = MessageCodec.of(JobCommand.class, registry);
        this.parts = MessageCodec.of(PartEvent.class, registry);
        this.events = MessageCodec.of(JobEvent.class, registry);
        this.statuses = MessageCodec.of(JobStatus.class, registry);
        this.resumptions = MessageCodec.of(Resumption.class, registry);
        this.replies = MessageCodec.of(ToolReply.class, registry);
        this.connections = MessageCodec.of(ConnectionEvent.class, registry);
        this.internal = registry == null ? Format.JSON : Format.AVRO;
    }

    /** The format of what only Toolpost reads. */
    Format internal() {
        return internal;
    }

    MessageCodec<JobCommand> commands() {
        return commands;
    }

    MessageCodec<PartEvent> parts() {
        return parts;
    }

    MessageCodec<Resumption> resumptions() {
        return resumptions;
    }

    MessageCodec<ConnectionEvent> connections() {
        return connections;
    }

    byte[] event(String topic, JobEvent event, Format format) {
        return events.encode(topic, event, format);
    }

    byte[] status(String topic, JobStatus status, Format format) {
        return statuses.encode(topic, status, format);
    }

    /** Null where it cannot be read. */
    @Nullable
    JobStatus status(String topic, byte[] bytes) {
        try {
            return statuses.decode(topic, bytes).value();
        } catch (DecodeException unreadable) {
            return null;
        }
    }

    byte[] frame(String topic, ToolReply frame, Format format) {
        return replies.encode(topic, frame, format);
    }

    byte[] internal(String topic, Resumption resumption) {
        return resumptions.encode(topic, resumption, internal);
    }

    byte[] json(String topic, Resumption resumption) {
        return resumptions.encode(topic, resumption, Format.JSON);
    }

    /** A command as it is kept. */
    String text(JobCommand command) {
        return new String(commands.encode(KEPT, command, Format.JSON), StandardCharsets.UTF_8);
    }

    /** A command as it was kept. */
    JobCommand command(String text) {
        return commands.decode(KEPT, text.getBytes(StandardCharsets.UTF_8)).value();
    }

    /** By which the same job is known again; who submits it, and when, is no part of it. */
    String digest(JobCommand command) {
        JobCommand bare = JobCommand.newBuilder()
                .setJobId(command.getJobId())
                .setJob(command.getJob())
                .setCall(command.getCall())
                .build();
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(commands.encode(KEPT, bare, Format.JSON)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
