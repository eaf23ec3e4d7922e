package dev.toolpost.scheduler.job.dispatch;

import dev.toolpost.message.PartEvent;
import dev.toolpost.message.ToolError;
import dev.toolpost.scheduler.out.Room;
import dev.toolpost.schemas.ErrorCode;

/** What is told of a part whose record does not fit into its topic: it fails, for good, before a worker has it. */
public final class Oversize {

    private Oversize() {}

    /**
     * The error.
     *
     * @param what is too large, for people
     */
    public static ToolError error(String what, int bytes, String topic, Room room) {
        return ToolError.newBuilder()
                .setCode(ErrorCode.INTERNAL.name())
                .setMessage(message(what, bytes, topic, room))
                .setRetryable(false)
                .setRemedy(remedy(topic))
                .build();
    }

    public static String message(String what, int bytes, String topic, Room room) {
        return what + " is a record of " + bytes + " bytes, and " + topic + " takes at most " + room.most(topic);
    }

    public static String remedy(String topic) {
        return "Raise max.message.bytes of " + topic + ", or submit jobs with fewer and shorter arguments.";
    }

    /** The event of a part that went to no worker. */
    public static PartEvent failure(String jobId, int part, int run, int frame, ToolError error, long nowMillis) {
        return PartEvent.newBuilder()
                .setJobId(jobId)
                .setPart(part)
                .setRun(run)
                .setKind("failed")
                .setFrame(frame)
                .setError(error)
                .setAt(nowMillis)
                .build();
    }
}
