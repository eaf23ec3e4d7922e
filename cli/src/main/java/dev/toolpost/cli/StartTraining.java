package dev.toolpost.cli;

import java.io.PrintWriter;
import java.io.Writer;
import picocli.CommandLine;

/**
 * The training run of the ahead-of-time cache (JEP 514): does once what commands do, so that the cache holds those classes loaded
 * and linked. Started by the launcher after a build; everything it starts is its own, on free ports, and ends with it.
 */
final class StartTraining {
    private static final String CONNECTION = "training";

    private StartTraining() {}

    static void main() throws InterruptedException {
        run("--help");
        run("version");
        try (DemoStage stage = DemoStage.start()) {
            String config = stage.config().toString();
            stage.accounts().hubspot(CONNECTION);
            run("tools", "show", "hubspot_list_contacts", "--config", config);
            run("connections", "list", "--config", config);
            for (String format : new String[] {"json", "avro"}) {
                run(
                        "call",
                        "hubspot_list_contacts",
                        "--connection",
                        CONNECTION,
                        "--tenant",
                        DemoAccounts.TENANT,
                        "--arg",
                        "limit=2",
                        "--format",
                        format,
                        "--config",
                        config);
            }
            run("connections", "check", CONNECTION, "--tenant", DemoAccounts.TENANT, "--config", config);
            run("version", "--output", "json");
        } catch (RuntimeException e) {
            System.err.println("A cache of less is better than none: " + e);
        }
        System.exit(ExitCode.OK);
    }

    private static void run(String... arguments) {
        CommandLine command = Main.commandLine(arguments);
        command.setOut(new PrintWriter(Writer.nullWriter()));
        command.setErr(new PrintWriter(Writer.nullWriter()));
        int exitCode = command.execute(arguments);
        if (exitCode != ExitCode.OK) {
            System.err.println(String.join(" ", arguments) + " ended with " + exitCode);
        }
    }
}
