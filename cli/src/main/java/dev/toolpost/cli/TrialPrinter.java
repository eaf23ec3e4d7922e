package dev.toolpost.cli;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ErrorRule;
import dev.toolpost.worker.classify.VendorError;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.http.RedactedRequest;
import dev.toolpost.worker.oauth.TokenTrial;
import dev.toolpost.worker.trial.Answer;
import dev.toolpost.worker.trial.Ending;
import dev.toolpost.worker.trial.Shown;
import dev.toolpost.worker.trial.TrialEvents;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Prints a trial step by step: all about it on standard error and the result on standard output, or one JSON document at its end. */
final class TrialPrinter implements TrialEvents {
    private static final Set<String> MATTER = Set.of(
            "content-type", "date", "etag", "link", "location", "warning", "deprecation", "sunset", "www-authenticate");

    private final CommonOptions common;
    private final Connector connector;
    private final ObjectNode document = Json.object();

    /** What is told of the exchange under way; the document itself for the first. */
    private ObjectNode step = document;

    TrialPrinter(CommonOptions common, Connector connector) {
        this.common = common;
        this.connector = connector;
    }

    @Override
    public void tokenAsked(TokenTrial.Asked asked) {
        document.withArray("/tokens")
                .addObject()
                .put("method", asked.method())
                .put("url", asked.url())
                .put("status", asked.status())
                .put("took_ms", asked.took().toMillis());
        tell("Token\n  " + asked.method() + " " + Text.line(asked.url()) + ": "
                + (asked.status() == null ? "no answer" : asked.status()) + " after "
                + asked.took().toMillis() + " ms\n");
    }

    @Override
    public void sends(Shown shown) {
        step = document.has("request") || document.has("statement")
                ? document.withArray("/then").addObject()
                : document;
        switch (shown) {
            case Shown.Request(RedactedRequest request) -> request(request);
            case Shown.Statement statement -> statement(statement);
        }
    }

    private void request(RedactedRequest request) {
        ObjectNode shown =
                step.putObject("request").put("method", request.method()).put("url", request.url());
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
        err.flush();
    }

    private void statement(Shown.Statement statement) {
        ObjectNode shown = step.putObject("statement")
                .put("database", statement.database())
                .put("read_only", statement.readOnly())
                .put("text", statement.text());
        ArrayNode parameters = shown.putArray("parameters");
        statement.parameters().forEach(parameters::add);
        StringBuilder text = new StringBuilder("Statement at " + Text.line(statement.database())
                + (statement.readOnly() ? ", in a read-only transaction" : ""));
        statement.text().strip().lines().forEach(line -> text.append("\n  ").append(Text.visible(line)));
        for (int i = 0; i < statement.parameters().size(); i++) {
            text.append("\n  parameter ")
                    .append(i + 1)
                    .append(": ")
                    .append(Text.line(String.valueOf(statement.parameters().get(i))));
        }
        tell(text.toString());
    }

    @Override
    public void answered(Answer answer) {
        ObjectNode shown = step.putObject("answer");
        if (answer.status() != null) {
            shown.put("status", answer.status());
        }
        if (answer.answered()) {
            shown.put("bytes", answer.bytes());
        }
        shown.put("took_ms", answer.took().toMillis());
        ObjectNode headers = shown.putObject("headers");
        answer.headers().stream()
                .filter(header -> matters(connector, header.getKey()))
                .forEach(header -> headers.put(header.getKey(), header.getValue()));
        ObjectNode meaning = step.putObject("understood_as");
        int _ = understood(answer, meaning);
        if (connector.database() == null) {
            meaning.put("rule", rule(answer));
        }
        if (!common.json()) {
            text(answer, headers, meaning);
        }
    }

    @Override
    public void waits(Duration wait) {
        tell("The vendor is at work; asking again in " + wait.toMillis() + " ms\n");
    }

    /** Prints how it ended and returns the command's exit code. */
    int ended(Ending ending) {
        return switch (ending) {
            case Ending.NothingSent() -> ExitCode.OK;
            case Ending.Done(Answer answer) -> {
                if (answer.verdict() instanceof Verdict.Success success) {
                    result(success);
                }
                yield understood(answer, Json.object());
            }
            case Ending.NoToken(String code, String message) -> {
                ended(code, message, null);
                yield code.equals("REAUTHORIZATION_REQUIRED") || tokenAnswered()
                        ? ExitCode.ANSWERED_WITH_ERROR
                        : ExitCode.UNREACHABLE;
            }
            case Ending.WorkFailed(VendorError error) -> {
                ended(error.code().name(), error.message(), error.remedy());
                yield ExitCode.ANSWERED_WITH_ERROR;
            }
            case Ending.StillAtWork(Duration waited) -> {
                ended(
                        "DEADLINE_EXCEEDED",
                        "the vendor was still at work after " + waited.toSeconds() + " s",
                        "A worker asks on until the tool's own deadline. Here: --timeout DURATION");
                yield ExitCode.ANSWERED_WITH_ERROR;
            }
        };
    }

    private boolean tokenAnswered() {
        JsonNode tokens = document.path("tokens");
        return !tokens.isEmpty()
                && !tokens.get(tokens.size() - 1).path("status").isNull();
    }

    private void ended(String code, String message, @Nullable String remedy) {
        document.putObject("ending")
                .put("ends_as", code)
                .put("message", message)
                .put("remedy", remedy);
        tell("Ends as " + code + ": " + Text.visible(message) + (remedy == null ? "" : "\n  " + Text.visible(remedy)));
    }

    private void result(Verdict.Success success) {
        if (common.json()) {
            document.set("result", JsonMapper.shared().readTree(success.body()));
        } else {
            common.out().println(new String(success.body(), StandardCharsets.UTF_8));
        }
    }

    /** Nothing more comes. */
    void end() {
        if (common.json()) {
            common.out().println(Json.print(document));
        }
    }

    void note(String note) {
        document.put("note", note);
        tell(note);
    }

    private void tell(String text) {
        if (!common.json()) {
            common.err().println(text);
            common.err().flush();
        }
    }

    private void text(Answer answer, ObjectNode headers, ObjectNode meaning) {
        PrintWriter err = common.err();
        String took = " after " + answer.took().toMillis() + " ms";
        err.println();
        err.println("Answer");
        err.println(
                !answer.answered()
                        ? "  none" + took
                        : "  " + (answer.status() == null ? "the database" : answer.status()) + took + ", "
                                + answer.bytes() + " bytes");
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

    private static String rule(Answer answer) {
        ErrorRule rule = answer.rule();
        if (rule == null) {
            return answer.status() == null ? "none, because no answer came" : "none, so the status decides";
        }
        return answer.ruleNumber() >= 0
                ? "errors.rules[" + answer.ruleNumber() + "], means " + rule.meaning()
                : "the standard rule of the status, means " + rule.meaning();
    }

    private static int understood(Answer answer, ObjectNode meaning) {
        return switch (answer.verdict()) {
            case Verdict.Success success -> {
                meaning.put("means", "SUCCESS");
                if (success.list() != null) {
                    meaning.put("records", success.records())
                            .put("next_page", success.nextCursor() == null ? "none" : success.nextCursor());
                }
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
                yield answer.answered() ? exitCode : ExitCode.UNREACHABLE;
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
