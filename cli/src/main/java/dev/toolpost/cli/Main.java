package dev.toolpost.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code toolpost} command. Exit codes: 0 success, 1 answered with an error, 2 usage, 3 unreachable. */
@Command(
        name = "toolpost",
        description = "Runs AI agents' tool calls over Kafka.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = Version.class)
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    Main() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }
}
