package dev.toolpost.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Has a running JVM record samples of its processor time.
 *
 * @see <a href="https://openjdk.org/jeps/509">JEP 509</a>
 */
final class Recorder {

    static final String SAMPLE = "jdk.CPUTimeSample";

    /** Calls of a worker are deep; what is cut off would have said whose they are. */
    static final String JVM_OPTION = "-XX:FlightRecorderOptions=stackdepth=256";

    private static final String SETTINGS = """
            <?xml version="1.0" encoding="UTF-8"?>
            <configuration version="2.0">
              <event name="jdk.CPUTimeSample">
                <setting name="enabled">true</setting>
                <setting name="throttle">1ms</setting>
                <setting name="stackTrace">true</setting>
              </event>
            </configuration>
            """;

    private final long pid;

    private Recorder(long pid) {
        this.pid = pid;
    }

    static Recorder start(long pid, Path directory) throws IOException {
        Recorder recorder = new Recorder(pid);
        Path settings = Files.writeString(directory.resolve("profile.jfc"), SETTINGS);
        recorder.jcmd("JFR.start", "name=profile", "settings=" + settings);
        return recorder;
    }

    void stop(Path recording) {
        jcmd("JFR.stop", "name=profile", "filename=" + recording);
    }

    private void jcmd(String... command) {
        List<String> all = new ArrayList<>(List.of(Commands.ofJdk("jcmd"), Long.toString(pid)));
        all.addAll(List.of(command));
        Commands.run(all.toArray(String[]::new));
    }
}
