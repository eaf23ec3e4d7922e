package dev.toolpost.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The {@code toolpost} command.
 *
 * <p>Exit codes: 0 success, 1 the call was answered with an error, 2 usage, 3 unreachable; 70 is a bug.
 */
@Command(
        name = "toolpost",
        description = "Executes the tool calls of AI agents over Kafka.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:success",
            "1:the call was answered with an error, or a check found something wrong",
            "2:usage: options, configuration or input are wrong",
            "3:unreachable: Kafka, the registry or a worker did not answer"
        },
        footer = {
            "",
            "Begin with:  toolpost demo   shows what it does, and checks itself",
            "             toolpost dev    starts everything on this machine"
        },
        subcommands = {
            Demo.class,
            Dev.class,
            WorkerCommand.class,
            CallCommand.class,
            Tools.class,
            Connections.class,
            Connectors.class,
            TopicsCommand.class,
            Version.class
        })
public final class Main {

    Main() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** The command with its handling of errors. */
    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setUsageHelpLongOptionsMaxWidth(30)
                .setParameterExceptionHandler(Main::refuse)
                .setExecutionExceptionHandler((thrown, command, _) -> fail(thrown, command));
    }

    private static int refuse(ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        List<String> suggestions =
                wrong instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        String see = "See " + command.getCommandSpec().qualifiedName() + " --help";
        String nextStep = suggestions.isEmpty() ? see : "Did you mean " + String.join(", ", suggestions) + "? " + see;
        Failure.usage(String.valueOf(wrong.getMessage()), nextStep)
                .print(command.getOut(), command.getErr(), asksForJson(arguments));
        return ExitCode.USAGE;
    }

    private static int fail(Exception thrown, CommandLine command) {
        if (thrown instanceof InterruptedException) {
            return 130;
        }
        Object mixin = command.getCommandSpec().mixins().containsKey("common")
                ? command.getCommandSpec().mixins().get("common").userObject()
                : null;
        CommonOptions options = mixin instanceof CommonOptions given ? given : new CommonOptions();
        Failure failure = Failure.of(thrown);
        failure.print(command.getOut(), command.getErr(), options.json());
        if (options.verbose()) {
            thrown.printStackTrace(command.getErr());
        }
        return failure.exitCode();
    }

    /** What was asked for, where the arguments could not be understood. */
    private static boolean asksForJson(String[] arguments) {
        String all = String.join(" ", Arrays.asList(arguments)).toLowerCase(Locale.ROOT);
        return all.contains("--output json") || all.contains("--output=json");
    }
}
