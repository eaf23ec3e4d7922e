package dev.toolpost.cli;

import dev.toolpost.client.CallSpec;
import dev.toolpost.client.Reply;
import dev.toolpost.message.FieldError;
import dev.toolpost.message.ToolError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Three vendors refuse the same things, each in its own words; the agent gets one shape. */
final class DemoErrors {
    private static final String HUBSPOT = "errors-hubspot";
    private static final String SALESFORCE = "errors-salesforce";
    private static final String JIRA = "errors-jira";

    private final DemoStage stage;
    private final DemoReport report;

    DemoErrors(DemoStage stage, DemoReport report) {
        this.stage = stage;
        this.report = report;
    }

    void run() throws InterruptedException {
        report.begin(
                "Three vendors",
                "errors in one shape",
                "HubSpot, Salesforce and Jira are asked for something that is not there, and to create something that lacks"
                        + " what they want. Each refuses in a form of its own.");
        stage.accounts().hubspot(HUBSPOT);
        stage.accounts().salesforce(SALESFORCE);
        stage.accounts().jira(JIRA);
        stage.vendor().reset();
        List<@Nullable ToolError> missing = errors(
                DemoStage.call("hubspot_get_contact", HUBSPOT, "{\"contact_id\":\"999999999\"}"),
                DemoStage.call(
                        "salesforce_get_record", SALESFORCE, "{\"type\":\"Contact\",\"id\":\"003000000000000AAA\"}"),
                DemoStage.call("jira_get_issue", JIRA, "{\"key\":\"OPS-999999999\",\"fields\":[\"summary\"]}"));
        report.table(table("Not there", missing));
        List<@Nullable ToolError> invalid = errors(
                DemoStage.call("hubspot_create_contact", HUBSPOT, "{\"properties\":{\"favourite_colour\":\"green\"}}"),
                DemoStage.call(
                        "salesforce_create_record",
                        SALESFORCE,
                        "{\"type\":\"Contact\",\"fields\":{\"FirstName\":\"Ada\"}}"),
                DemoStage.call(
                        "jira_create_issue",
                        JIRA,
                        "{\"fields\":{\"project\":{\"key\":\"OPS\"},\"issuetype\":{\"name\":\"Task\"}}}"));
        report.table(table("Incomplete", invalid));
        Set<String> shapes = new HashSet<>();
        missing.forEach(error -> shapes.add(shape(error)));
        report.check("the three vendors refused in three forms", shapes.size() == 3);
        report.check("what is not there is NOT_FOUND, at each", codes(missing).equals(Set.of("NOT_FOUND")));
        report.check(
                "what is incomplete is INVALID_ARGUMENTS, at each",
                codes(invalid).equals(Set.of("INVALID_ARGUMENTS")));
        report.check(
                "each names the fields",
                invalid.stream()
                        .allMatch(error -> error != null && !error.getFields().isEmpty()));
        report.end(shapes.size() + " forms in; " + String.join(", ", union(missing, invalid)) + " out");
    }

    private List<@Nullable ToolError> errors(CallSpec.Builder... calls) throws InterruptedException {
        List<@Nullable ToolError> errors = new ArrayList<>();
        for (CallSpec.Builder call : calls) {
            Reply reply = stage.execute(call.build());
            errors.add(reply.error());
        }
        return errors;
    }

    private static Columns table(String title, List<@Nullable ToolError> errors) {
        return new Columns(title, "HubSpot", "Salesforce", "Jira")
                .row("its own words", cells(errors, ToolError::getVendorBody))
                .row("code", cells(errors, ToolError::getCode))
                .row("message", cells(errors, ToolError::getMessage))
                .row("fields", cells(errors, DemoErrors::fields))
                .row("vendor said", cells(errors, DemoErrors::said))
                .row("remedy", cells(errors, ToolError::getRemedy));
    }

    private static List<String> cells(List<@Nullable ToolError> errors, Function<ToolError, @Nullable String> cell) {
        return errors.stream()
                .map(error -> error == null ? "no error" : Objects.requireNonNullElse(cell.apply(error), ""))
                .toList();
    }

    private static String said(ToolError error) {
        return error.getVendorStatus() + (error.getVendorCode() == null ? "" : " " + error.getVendorCode());
    }

    private static String fields(ToolError error) {
        return error.getFields().stream().map(DemoErrors::field).collect(Collectors.joining("; "));
    }

    private static String field(FieldError field) {
        return field.getPath() + (field.getMessage().isEmpty() ? "" : ": " + field.getMessage());
    }

    /** What the vendor's own error looks like, without its values. */
    private static String shape(@Nullable ToolError error) {
        if (error == null || error.getVendorBody() == null) {
            return "none";
        }
        JsonNode body = JsonMapper.shared().readTree(error.getVendorBody());
        JsonNode inner = body.isArray() ? body.path(0) : body;
        return (body.isArray() ? "list of " : "") + new TreeSet<>(inner.propertyNames());
    }

    private static Set<String> codes(List<@Nullable ToolError> errors) {
        return errors.stream()
                .map(error -> error == null ? "no error" : error.getCode())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> union(List<@Nullable ToolError> some, List<@Nullable ToolError> others) {
        Set<String> all = new TreeSet<>(codes(some));
        all.addAll(codes(others));
        return all;
    }
}
