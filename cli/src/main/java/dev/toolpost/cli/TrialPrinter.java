package dev.toolpost.cli;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ErrorRule;
import dev.toolpost.connectors.Tool;
import dev.toolpost.worker.classify.VendorError;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.RedactedRequest;
import dev.toolpost.worker.trial.Trial;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Prints a trial: all about it on standard error and the result on standard output, or one JSON document. */
final class TrialPrinter {
    private static final Set<String> MATTER = Set.of(
            "content-type", "date", "etag", "link", "location", "warning", "deprecation", "sunset", "www-authenticate");

    private final CommonOptions common;
    private final ObjectNode document = Json.object();

    TrialPrinter(CommonOptions common) {
        this.common = common;
    }

    void request(RedactedRequest request) {
        ObjectNode shown =
                document.putObject("request").put("method", request.method()).put("url", request.url());
        ObjectNode headers = shown.putObject("headers");
        request.headers().forEach(header -> headers.put(header.getKey(), header.getValue()));
        shown.put("body", request.body());
        if (common.json()) {
            return;
        }
        PrintWriter err = common.err();
        err.println("Request");
        err.println("  " + request.method() + " " + Text.line(request.url()));
        request.headers().forEach(header -> err.println("  " + Text.line(header.getKey() + ": " + header.getValue())));
        if (request.body() != null) {
            err.println();
            request.body().lines().forEach(line -> err.println("  " + Text.visible(line)));
        }
    }

    /** Prints the answer and returns the command's exit code. */
    int answer(Connector connector, Tool tool, Trial.Answer answer) {
        ObjectNode shown = document.putObject("answer");
        if (answer.status() != null) {
            shown.put("status", answer.status()).put("bytes", answer.bytes());
        }
        shown.put("took_ms", answer.outcome().took().toMillis());
        ObjectNode headers = shown.putObject("headers");
        answer.headers().stream()
                .filter(header -> matters(connector, header.getKey()))
                .forEach(header -> headers.put(header.getKey(), header.getValue()));
        ObjectNode meaning = document.putObject("understood_as");
        int exitCode = understood(answer, meaning);
        meaning.put("rule", rule(answer));
        if (!common.json()) {
            text(answer, headers, meaning);
        }
        if (answer.verdict() instanceof Verdict.Success success) {
            if (common.json()) {
                document.set("result", JsonMapper.shared().readTree(success.body()));
            } else {
                common.out().println(new String(success.body(), StandardCharsets.UTF_8));
            }
        }
        if (tool.operation() != null) {
            note("This tool's operation goes on after this request; a worker carries it to its end.");
        }
        return exitCode;
    }

    /** Nothing more comes. */
    void end() {
        if (common.json()) {
            common.out().println(Json.print(document));
        }
    }

    private void note(String note) {
        document.put("note", note);
        if (!common.json()) {
            common.err().println(note);
        }
    }

    private void text(Trial.Answer answer, ObjectNode headers, ObjectNode meaning) {
        PrintWriter err = common.err();
        String took = " after " + answer.outcome().took().toMillis() + " ms";
        err.println();
        err.println("Answer");
        err.println(
                answer.status() == null
                        ? "  none" + took
                        : "  " + answer.status() + took + ", " + answer.bytes() + " bytes");
        headers.properties()
                .forEach(header -> err.println("  "
                        + Text.line(header.getKey() + ": " + header.getValue().asString())));
        err.println();
        err.println("Understood as");
        meaning.properties().forEach(each -> {
            if (!each.getValue().isNull()) {
                String value = each.getValue().isValueNode()
                        ? each.getValue().asString()
                        : each.getValue().toString();
                err.println("  " + each.getKey().replace('_', ' ') + ": " + Text.visible(value));
            }
        });
        err.println();
        err.flush();
    }

    private static boolean matters(Connector connector, String header) {
        String lower = header.toLowerCase(Locale.ROOT);
        return MATTER.contains(lower)
                || lower.contains("limit")
                || lower.contains("retry")
                || lower.contains("request-id")
                || connector.errors().rules().stream()
                        .flatMap(rule -> rule.headers().stream())
                        .anyMatch(condition -> condition.header().equalsIgnoreCase(header));
    }

    private static String rule(Trial.Answer answer) {
        ErrorRule rule = answer.rule();
        if (rule == null) {
            return answer.status() == null ? "none, because no answer came" : "none, so the status decides";
        }
        return answer.ruleNumber() >= 0
                ? "errors.rules[" + answer.ruleNumber() + "], means " + rule.meaning()
                : "the standard rule of the status, means " + rule.meaning();
    }

    private static int understood(Trial.Answer answer, ObjectNode meaning) {
        return switch (answer.verdict()) {
            case Verdict.Success success -> {
                meaning.put("means", "SUCCESS")
                        .put("records", success.records())
                        .put("next_page", success.nextCursor() == null ? "none" : success.nextCursor());
                yield ExitCode.OK;
            }
            case Verdict.Throttled throttled -> {
                meaning.put("means", "THROTTLED").put("wait", wait(throttled.retryAfter()));
                if (!throttled.limits().isEmpty()) {
                    meaning.put("pauses", String.join(", ", throttled.limits()));
                }
                yield failed(throttled.error(), meaning);
            }
            case Verdict.Retryable retryable -> {
                meaning.put("means", "TRANSIENT").put("wait", wait(retryable.retryAfter()));
                int exitCode = failed(retryable.error(), meaning);
                yield answer.outcome() instanceof HttpOutcome.Answered ? exitCode : ExitCode.UNREACHABLE;
            }
            case Verdict.CredentialRejected rejected -> {
                meaning.put("means", "EXPIRED_CREDENTIAL");
                yield failed(rejected.error(), meaning);
            }
            case Verdict.Moved moved -> {
                meaning.put("means", "REDIRECT").put("to", moved.place());
                yield failed(moved.error(), meaning);
            }
            case Verdict.Failed failed -> {
                meaning.put("means", failed.error().code().name());
                yield failed(failed.error(), meaning);
            }
        };
    }

    private static String wait(@Nullable Duration wait) {
        return wait == null ? "as long as retry says" : wait.toMillis() + " ms";
    }

    private static int failed(VendorError error, ObjectNode meaning) {
        meaning.put("ends_as", error.code().name())
                .put("message", error.message())
                .put("vendor_code", error.vendorCode())
                .put("remedy", error.remedy());
        if (!error.fields().isEmpty()) {
            ObjectNode fields = meaning.putObject("fields");
            error.fields().forEach(field -> fields.put(field.path(), field.message()));
        }
        meaning.put("body", error.vendorBody());
        return ExitCode.ANSWERED_WITH_ERROR;
    }
}
