package dev.toolpost.cli;

import dev.toolpost.client.CallSpec;
import dev.toolpost.client.Reply;
import dev.toolpost.message.FieldError;
import dev.toolpost.message.Stats;
import dev.toolpost.message.ToolError;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The demo's single calls: a read, a refused one, a write. */
final class DemoCalls {
    private static final String CONNECTION = "sales-hubspot";

    private final DemoStage stage;
    private final DemoReport report;

    DemoCalls(DemoStage stage, DemoReport report) {
        this.stage = stage;
        this.report = report;
        stage.accounts().hubspot(CONNECTION);
    }

    void read() throws InterruptedException {
        report.begin(
                "Read",
                "one call, one answer",
                "An agent asks for three contacts. It knows a tool and a connection; no token, no URL, no limit.");
        Reply reply = exchange(DemoStage.call("hubspot_list_contacts", CONNECTION, "{\"limit\":3}")
                .build());
        JsonNode results = content(reply).path("results");
        report.cameBack(results.size() + " contacts, the first "
                + results.path(0).path("properties").path("email").asString("?") + ", and a cursor for the next page"
                + ReplyPrinter.figures(reply.last()));
        report.check("the reply is the vendor's own answer", reply.isOk() && results.size() == 3);
        report.check("the vendor was asked once", stage.vendor().stats().requests() == 1);
        Stats stats = reply.last().getStats();
        report.end(results.size() + " contacts" + (stats == null ? "" : " in " + stats.getTotalMs() + " ms"));
    }

    void refused() throws InterruptedException {
        report.begin(
                "Invalid arguments",
                "refused, field by field",
                "The next call is wrong in two places. The vendor is not bothered with it.");
        Reply reply = exchange(
                DemoStage.call("hubspot_list_contacts", CONNECTION, "{\"limit\":\"many\",\"propertes\":[\"email\"]}")
                        .build());
        ToolError error = reply.error();
        List<FieldError> fields = error == null ? List.of() : error.getFields();
        report.cameBack(error == null ? "no error" : error.getCode());
        fields.forEach(field -> report.also(field.getPath() + ": " + field.getMessage()));
        report.check(
                "INVALID_ARGUMENTS, both fields named",
                error != null
                        && error.getCode().equals("INVALID_ARGUMENTS")
                        && names(fields, "/limit")
                        && names(fields, "/propertes"));
        report.check("the vendor was not asked", stage.vendor().stats().requests() == 0);
        report.end(fields.size() + " fields named, 0 requests");
    }

    void write() throws InterruptedException {
        report.begin(
                "Write",
                "sent twice, written once",
                "A contact is created. Then the same call comes again, as after an agent's restart: it must not be created"
                        + " twice, and gets the recorded reply.");
        String email = "ada.lovelace@example.com";
        CallSpec spec = DemoStage.call(
                        "hubspot_create_contact",
                        CONNECTION,
                        "{\"properties\":{\"email\":\"" + email + "\",\"firstname\":\"Ada\"}}")
                .callId("demo-write-1")
                .build();
        Reply reply = exchange(spec);
        String id = content(reply).path("id").asString("");
        report.cameBack("contact " + id + ReplyPrinter.figures(reply.last()));
        Reply again = stage.execute(spec);
        report.cameBack(
                "for the same call again: contact " + content(again).path("id").asString("?"));
        report.check("the contact was created", reply.isOk() && !id.isEmpty());
        report.check(
                "the repeated call got the same answer",
                again.isOk() && Objects.equals(again.content(), reply.content()));
        int writes = stage.vendor().writes("create", "contacts", email);
        report.check("the vendor wrote once", writes == 1);
        report.end("sent twice, written " + (writes == 1 ? "once" : writes + " times"));
    }

    private Reply exchange(CallSpec spec) throws InterruptedException {
        stage.vendor().reset();
        report.sent(stage.shown(spec));
        Reply reply = stage.execute(spec);
        report.vendorSaw(VendorSide.seen(stage.vendor().stats()));
        return reply;
    }

    private static boolean names(List<FieldError> fields, String path) {
        return fields.stream().anyMatch(field -> field.getPath().equals(path));
    }

    private static JsonNode content(Reply reply) {
        return JsonMapper.shared().readTree(reply.content() == null ? "{}" : reply.content());
    }
}
