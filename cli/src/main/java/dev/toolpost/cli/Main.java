package dev.toolpost.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
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
        })
public final class Main {
    /** In the order of the help. */
    private static final List<String> COMMANDS = List.of(
            "demo",
            "dev",
            "worker",
            "scheduler",
            "call",
            "cancel",
            "jobs",
            "schedules",
            "tools",
            "connections",
            "connectors",
            "limits",
            "topics",
            "version");

    Main() {}

    public static void main(String[] arguments) {
        CommandLine command = commandLine(arguments);
        int exitCode = command.execute(arguments);
        // What ends without a line break is still in the writers.
        command.getOut().flush();
        command.getErr().flush();
        System.exit(exitCode);
    }

    /** A command by its name, or null. A switch, because the ahead-of-time cache of JDK 25 cannot hold references to these constructors. */
    private static @Nullable Object command(String name) {
        return switch (name) {
            case "demo" -> new Demo();
            case "dev" -> new Dev();
            case "worker" -> new WorkerCommand();
            case "scheduler" -> new SchedulerCommand();
            case "call" -> new CallCommand();
            case "cancel" -> new CancelCommand();
            case "jobs" -> new Jobs();
            case "schedules" -> new SchedulesCommand();
            case "tools" -> new Tools();
            case "connections" -> new Connections();
            case "connectors" -> new Connectors();
            case "limits" -> new Limits();
            case "topics" -> new TopicsCommand();
            case "version" -> new Version();
            default -> null;
        };
    }

    /**
     * The command with its handling of errors. Where the arguments begin with a command, it has that one only: what picocli finds out
     * about all the others takes a fifth of a call's time.
     */
    static CommandLine commandLine(String... arguments) {
        // An at sign begins the name of a file for single options alone, such as --json @FILE.
        CommandLine all = new CommandLine(new Main()).setExpandAtFiles(false);
        Object asked = arguments.length == 0 ? null : command(arguments[0]);
        if (asked != null) {
            all.addSubcommand(arguments[0], asked);
        } else {
            COMMANDS.forEach(name -> all.addSubcommand(name, Objects.requireNonNull(command(name))));
        }
        return all.setCaseInsensitiveEnumValuesAllowed(true)
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
