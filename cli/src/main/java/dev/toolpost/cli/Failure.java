package dev.toolpost.cli;

import dev.toolpost.client.ClientException;
import dev.toolpost.client.UnreachableException;
import dev.toolpost.connectors.ConnectorException;
import dev.toolpost.connectors.InvalidVariableException;
import dev.toolpost.sandbox.SandboxException;
import dev.toolpost.schemas.TopicCreator;
import dev.toolpost.schemas.registry.RegistryException;
import dev.toolpost.worker.config.ConfigException;
import dev.toolpost.worker.credentials.CredentialsUnavailableException;
import dev.toolpost.worker.credentials.VersionConflictException;
import java.io.PrintWriter;
import java.net.SocketException;
import java.net.UnknownHostException;
import org.apache.kafka.common.KafkaException;
import tools.jackson.databind.node.ObjectNode;

/**
 * Why a command failed, for people and scripts.
 *
 * @param code a word for scripts
 * @param nextStep what to do; empty where the message says it
 */
record Failure(int exitCode, String code, String message, String nextStep) {
    private static final String CHECK_KAFKA =
            "Check that Kafka runs there; name it by --bootstrap or in the configuration"
                    + " (--config). `toolpost dev` starts one.";

    static Failure usage(String message, String nextStep) {
        return new Failure(ExitCode.USAGE, "USAGE", message, nextStep);
    }

    static Failure of(Throwable thrown) {
        return switch (thrown) {
            case CliException known ->
                new Failure(known.exitCode(), code(known.exitCode()), known.getMessage(), known.nextStep());
            case UnreachableException nobody -> unreachable(nobody.getMessage(), CHECK_KAFKA);
            case ClientException unanswered -> unreachable(unanswered.getMessage(), "");
            case TopicCreator.TopicsException refused -> unreachable(String.valueOf(refused.getMessage()), "");
            case RegistryException registry ->
                unreachable(
                        String.valueOf(registry.getMessage()),
                        "Check schema_registry.url in the configuration, or use --format json, which needs no registry.");
            case org.apache.kafka.common.config.ConfigException wrong ->
                usage(
                        String.valueOf(wrong.getMessage()),
                        "Correct --bootstrap or the kafka.* keys of the configuration.");
            case KafkaException kafka
            when kafka.getCause() instanceof org.apache.kafka.common.config.ConfigException wrong ->
                usage(
                        String.valueOf(wrong.getMessage()),
                        "Correct --bootstrap or the kafka.* keys of the configuration.");
            case KafkaException kafka
            when isMisconfigured(kafka) ->
                usage("Kafka: " + innermost(kafka).getMessage(), "Correct the kafka.* keys of the configuration.");
            case KafkaException kafka -> unreachable("Kafka: " + kafka.getMessage(), CHECK_KAFKA);
            case ConfigException wrong -> usage(String.valueOf(wrong.getMessage()), "");
            case ConnectorException wrong -> usage(String.valueOf(wrong.getMessage()), "");
            case InvalidVariableException wrong -> usage(String.valueOf(wrong.getMessage()), "");
            case CredentialsUnavailableException wrong -> usage(String.valueOf(wrong.getMessage()), "");
            case VersionConflictException wrong -> usage(String.valueOf(wrong.getMessage()), "Run the command again.");
            case SandboxException wrong -> usage(String.valueOf(wrong.getMessage()), "");
            default ->
                new Failure(
                        ExitCode.INTERNAL,
                        "INTERNAL",
                        "unexpected: " + thrown,
                        "This is a bug in Toolpost. With --verbose it shows where; please report that.");
        };
    }

    /** A client that cannot even be made says why in its cause only: a malformed JAAS configuration, a missing key store. */
    private static boolean isMisconfigured(KafkaException thrown) {
        Throwable innermost = innermost(thrown);
        return thrown.getClass() == KafkaException.class
                && thrown.getCause() != null
                && innermost.getMessage() != null
                && !(innermost instanceof SocketException || innermost instanceof UnknownHostException);
    }

    private static Throwable innermost(Throwable thrown) {
        Throwable innermost = thrown;
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            innermost = cause;
        }
        return innermost;
    }

    private static Failure unreachable(String message, String nextStep) {
        return new Failure(ExitCode.UNREACHABLE, "UNREACHABLE", message, nextStep);
    }

    private static String code(int exitCode) {
        return exitCode == ExitCode.UNREACHABLE ? "UNREACHABLE" : "USAGE";
    }

    /** For people on standard error; for scripts one JSON document on standard output. */
    void print(PrintWriter out, PrintWriter err, boolean json) {
        if (json) {
            ObjectNode document = Json.object();
            ObjectNode error = document.putObject("error");
            error.put("code", code).put("message", message);
            if (!nextStep.isEmpty()) {
                error.put("remedy", nextStep);
            }
            out.println(Json.print(document));
        } else {
            err.println("toolpost: " + Text.visible(message).strip().replace("\n", "\n  "));
            if (!nextStep.isEmpty()) {
                err.println("  " + Text.visible(nextStep).replace("\n", "\n  "));
            }
        }
    }
}
