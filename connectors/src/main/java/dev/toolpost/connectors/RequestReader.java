package dev.toolpost.connectors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads how one HTTP request is made. Used once. */
final class RequestReader {
    private final Section request;
    private final TemplateNames names;
    private final List<Auth> auth;
    private final TemplateReader templates;

    RequestReader(Section request, TemplateNames names, List<Auth> auth) {
        this.request = request;
        this.names = names;
        this.auth = auth;
        this.templates = new TemplateReader(names);
    }

    @Nullable
    RequestTemplate read() {
        String method = request.text("method", "GET");
        RequestTemplate.Link link = link(request.find("link"));
        Section path = request.find("path");
        if ((path == null) == (link == null)) {
            request.error("the request goes to no single place", "write either path or link");
            return null;
        }
        TextTemplate pathTemplate = path == null ? TextTemplate.parse("/") : path(path);
        List<Parameter> query = query(request.find("query"));
        Map<String, HeaderTemplate> headers = headers(request.find("headers"));
        BodyTemplate body = body(method);
        return pathTemplate == null ? null : new RequestTemplate(method, pathTemplate, query, headers, body, link);
    }

    private RequestTemplate.@Nullable Link link(@Nullable Section link) {
        if (link == null) {
            return null;
        }
        names.use(link, link.text());
        if (!names.isValue(link.text())) {
            link.error("link: '" + link.text() + "' is no value of an answer", "name one that values takes");
        }
        if (request.has("query")) {
            request.get("query").error("a link has its query already", "remove the query, or write path");
        }
        return link(request, link);
    }

    /** The link of a request, not checked. */
    static RequestTemplate.Link link(Section request, Section link) {
        Section hosts = request.find("hosts");
        return new RequestTemplate.Link(
                link.text(),
                hosts == null
                        ? List.of()
                        : hosts.items().stream()
                                .map(host -> host.text().toLowerCase(Locale.ROOT))
                                .toList());
    }

    private @Nullable TextTemplate path(Section path) {
        TextTemplate template = templates.text(path);
        if (template == null) {
            return null;
        }
        for (String segment : path.text().split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                path.error("the path holds the segment " + segment, "write the path that is meant");
            }
        }
        template.arguments().forEach(name -> names.requireForPath(path, name));
        names.refuseStructured(path, template);
        return template;
    }

    private List<Parameter> query(@Nullable Section query) {
        List<Parameter> parameters = new ArrayList<>();
        if (query != null) {
            query.members().forEach((name, one) -> {
                refuseCredential(one, name);
                boolean whole = one.node().isObject();
                parameters.add(new Parameter(
                        name,
                        templates.node(whole ? one.get("value") : one),
                        whole ? style(one, "", Parameter.Style.QUERY) : Parameter.Style.QUERY,
                        whole ? templates.condition(one.find("when")) : null));
            });
        }
        return parameters;
    }

    private static Parameter.Style style(Section one, String prefix, Parameter.Style otherwise) {
        String list = one.textOrNull(prefix + "list");
        String booleans = one.textOrNull(prefix + "booleans");
        String objects = one.textOrNull(prefix + "objects");
        return new Parameter.Style(
                list == null ? otherwise.list() : Parameter.ListStyle.of(list),
                booleans == null ? otherwise.booleans() : Parameter.BooleanStyle.of(booleans),
                objects == null ? otherwise.objects() : Parameter.ObjectStyle.of(objects));
    }

    /** Reports a parameter of the query that is not the request's to fill. */
    void refuseCredential(Section parameter, String name) {
        for (Auth alternative : auth) {
            if (name.equals(alternative.queryParameter())) {
                parameter
                        .problems()
                        .errorAtKey(
                                parameter.pointer(),
                                "the parameter " + name + " takes the key",
                                "auth fills it; remove it here");
            }
        }
    }

    private Map<String, HeaderTemplate> headers(@Nullable Section headers) {
        SequencedMap<String, HeaderTemplate> read = new LinkedHashMap<>();
        if (headers != null) {
            headers.members().forEach((name, one) -> {
                ConnectorReader.refuseReserved(one, name);
                boolean whole = one.node().isObject();
                Section value = whole ? one.get("value") : one;
                TextTemplate template = templates.plainText(value);
                if (template != null) {
                    read.put(name, new HeaderTemplate(template, whole ? templates.condition(one.find("when")) : null));
                }
            });
        }
        return read;
    }

    private @Nullable BodyTemplate body(String method) {
        List<Section> bodies = new ArrayList<>();
        for (String kind : List.of("body", "form", "multipart", "graphql", "raw")) {
            Section body = request.find(kind);
            if (body != null) {
                bodies.add(body);
            }
        }
        if (bodies.isEmpty()) {
            return null;
        }
        Section body = bodies.getLast();
        if (bodies.size() > 1) {
            body.problems().errorAtKey(body.pointer(), "the request has two bodies", "keep the one that is meant");
        }
        if (method.equals("GET")) {
            body.problems()
                    .errorAtKey(
                            body.pointer(),
                            "a body does not go with the method GET",
                            "many servers ignore it; use the query, or the method that the vendor documents");
        }
        return request.has("body") ? new BodyTemplate.Json(templates.node(body)) : otherBody(body);
    }

    private @Nullable BodyTemplate otherBody(Section body) {
        if (request.has("form")) {
            return form(body);
        }
        if (request.has("multipart")) {
            return multipart(body);
        }
        if (request.has("graphql")) {
            Section variables = body.find("variables");
            return new BodyTemplate.GraphQl(
                    body.text("query").strip(),
                    variables == null ? new BodyTemplate.Members(new LinkedHashMap<>()) : templates.members(variables),
                    body.textOrNull("operation"));
        }
        BodyTemplate.Content content =
                body.has("file") ? file(body) : new BodyTemplate.TextContent(text(body.get("value")));
        return new BodyTemplate.Raw(content, text(body.get("content_type")));
    }

    private BodyTemplate.Form form(Section form) {
        List<Parameter> fields = new ArrayList<>();
        form.members().forEach((name, one) -> {
            boolean whole = one.node().isObject() && one.has("$value");
            if (whole) {
                TemplateReader.refuseOthers(one, Set.of("$value", "$when", "$list", "$booleans", "$objects"));
            }
            fields.add(new Parameter(
                    name,
                    templates.node(whole ? one.get("$value") : one),
                    whole ? style(one, "$", Parameter.Style.FORM) : Parameter.Style.FORM,
                    whole ? templates.condition(one.find("$when")) : null));
        });
        return new BodyTemplate.Form(fields);
    }

    private BodyTemplate.Multipart multipart(Section multipart) {
        List<BodyTemplate.Part> parts = new ArrayList<>();
        multipart.members().forEach((name, one) -> {
            if (!one.node().isObject()) {
                parts.add(new BodyTemplate.Part(name, new BodyTemplate.TextContent(text(one)), null, null, null));
                return;
            }
            if (List.of("text", "json", "file").stream().filter(one::has).count() != 1) {
                one.error("the part has no single content", "write one of text, json and file");
                return;
            }
            BodyTemplate.Content content = one.has("file")
                    ? file(one)
                    : one.has("json")
                            ? new BodyTemplate.JsonContent(templates.node(one.get("json")))
                            : new BodyTemplate.TextContent(text(one.get("text")));
            Section filename = one.find("filename");
            Section contentType = one.find("content_type");
            parts.add(new BodyTemplate.Part(
                    name,
                    content,
                    filename == null ? null : text(filename),
                    contentType == null ? null : text(contentType),
                    templates.condition(one.find("when"))));
        });
        return new BodyTemplate.Multipart(parts);
    }

    private BodyTemplate.FileContent file(Section one) {
        Section file = one.get("file");
        TextTemplate template = text(file);
        String argument = template.singleArgument();
        if (argument == null) {
            file.error("file: '" + file.text() + "' is not one argument", "write the argument that holds it in base64");
        }
        return new BodyTemplate.FileContent(
                argument == null ? "" : argument, one.number("max_bytes", BodyTemplate.FileContent.STANDARD_MAX_BYTES));
    }

    /** A template with a plain text form; one that is wrong is reported and stands for itself. */
    private TextTemplate text(Section section) {
        TextTemplate template = templates.plainText(section);
        return template == null ? new TextTemplate("", List.of(new TextTemplate.Literal(""))) : template;
    }
}
