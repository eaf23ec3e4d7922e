package dev.toolpost.cli;

import dev.toolpost.message.Schedule;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.Decoded;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.WorkerMain;
import dev.toolpost.worker.config.ToolpostConfig;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code schedules pause}, {@code resume} and {@code remove}: they change what the topic says and need no scheduler. */
abstract class SchedulesSwitch implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "SCHEDULE", description = "The schedule's id.")
    private String id = "";

    private final String done;
    private final @Nullable Boolean enabled;

    /** @param enabled null to remove it */
    private SchedulesSwitch(String done, @Nullable Boolean enabled) {
        this.done = done;
        this.enabled = enabled;
    }

    /** {@code schedules pause}. */
    @Command(
            name = "pause",
            description =
                    "Lets a schedule begin no runs. A run that is under way goes on; what is missed is not made up for.")
    static final class Pause extends SchedulesSwitch {
        Pause() {
            super("paused", false);
        }
    }

    /** {@code schedules resume}. */
    @Command(name = "resume", description = "Lets a paused schedule run again, from its next time on.")
    static final class Resume extends SchedulesSwitch {
        Resume() {
            super("resumed", true);
        }
    }

    /** {@code schedules remove}. */
    @Command(name = "remove", description = "Removes a schedule. A run that is under way goes on.")
    static final class Remove extends SchedulesSwitch {
        Remove() {
            super("removed", null);
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        ToolpostConfig config = common.load();
        String topic = new Topics(config.prefix()).schedules();
        byte[] known = CompactedTopic.one(config, topic, id);
        if (known == null) {
            throw unknown(id);
        }
        CommandTopic.publish(config, topic, id, enabled == null ? null : switched(config, topic, known, enabled));
        if (common.json()) {
            common.out().println(Json.print(Json.object().put("schedule_id", id).put("state", done)));
        } else {
            common.out().println("schedule " + id + ": " + done);
        }
        return ExitCode.OK;
    }

    static CliException unknown(String id) {
        return CliException.usage("there is no schedule " + id, "toolpost schedules list shows which there are.");
    }

    private byte[] switched(ToolpostConfig config, String topic, byte[] known, boolean on) {
        MessageCodec<Schedule> codec = MessageCodec.of(Schedule.class, WorkerMain.registry(config));
        try {
            Decoded<Schedule> decoded = codec.decode(topic, known);
            return codec.encode(
                    topic, Schedule.newBuilder(decoded.value()).setEnabled(on).build(), decoded.format());
        } catch (DecodeException wrong) {
            throw CliException.usage(
                    "schedule " + id + " cannot be read as it is: " + wrong.getMessage(),
                    "Add it anew: toolpost schedules add " + id,
                    wrong);
        }
    }
}
