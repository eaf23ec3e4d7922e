package dev.toolpost.connectors;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.node.JsonNodeFactory;

/** Reads the ways to authenticate. Used once. */
final class AuthReader {
    /** Parameters that the token request fills by itself. */
    private static final Set<String> OWN_PARAMETERS =
            Set.of("grant_type", "client_id", "client_secret", "refresh_token");

    private final Section auth;
    private final Map<String, Variable> variables;
    private final SequencedMap<String, BaseUrl> baseUrls = new LinkedHashMap<>();

    AuthReader(Section auth, Map<String, Variable> variables) {
        this.auth = auth;
        this.variables = variables;
    }

    List<Auth> read() {
        List<Auth> alternatives = new ArrayList<>();
        Set<String> kinds = new LinkedHashSet<>();
        for (Section one : auth.items()) {
            String kind = one.text("kind");
            if (!kinds.add(kind)) {
                one.get("kind")
                        .error(
                                "a second alternative of kind " + kind,
                                "a connection could not tell them apart; keep one");
            }
            Auth alternative = alternative(one, kind);
            if (alternative != null) {
                alternatives.add(alternative);
            }
            Section baseUrl = one.find("base_url");
            BaseUrl own = baseUrl == null ? null : new BaseUrlReader(baseUrl, "base_url", variables).read();
            if (own != null) {
                baseUrls.put(kind, own);
            }
        }
        return alternatives;
    }

    /** Base URLs of kinds that have one of their own; known once {@link #read()} is done. */
    SequencedMap<String, BaseUrl> baseUrls() {
        return baseUrls;
    }

    private @Nullable Auth alternative(Section one, String kind) {
        String hint = one.text("hint", "");
        return switch (kind) {
            case Auth.None.KIND -> new Auth.None(hint);
            case Auth.ApiKeyHeader.KIND -> {
                refuseKeyHeader(one.get("name"));
                yield new Auth.ApiKeyHeader(one.text("name"), one.text("prefix", ""), hint);
            }
            case Auth.ApiKeyQuery.KIND -> new Auth.ApiKeyQuery(one.text("name"), hint);
            case Auth.Basic.KIND -> new Auth.Basic(hint);
            case Auth.Bearer.KIND -> new Auth.Bearer(hint);
            case Auth.OAuth2.KIND -> oauth2(one, hint);
            case Auth.Password.KIND -> new Auth.Password(hint);
            default -> throw new IllegalStateException("the format's schema lets auth kind " + kind + " pass");
        };
    }

    private static void refuseKeyHeader(Section name) {
        String header = name.text().toLowerCase(Locale.ROOT);
        if (ConnectorReader.RESERVED_HEADERS.contains(header)
                && !header.equals("authorization")
                && !header.equals("cookie")) {
            name.error("the header " + name.text() + " cannot take a key", "the HTTP client sets it");
        }
    }

    private Auth.@Nullable OAuth2 oauth2(Section one, String hint) {
        BaseUrl token = new BaseUrlReader(one.get("token_url"), "token_url", variables).read();
        Map<String, String> parameters = parameters(one.find("parameters"));
        SequencedMap<JsonPointer, String> keep = keep(one.find("keep"));
        Duration lifetime =
                one.has("default_lifetime") ? ConnectorReader.positive(one, "default_lifetime", Duration.ZERO) : null;
        List<Auth.ReplyCondition> deadGrant = deadGrant(one.find("dead_grant"));
        return token == null
                ? null
                : new Auth.OAuth2(
                        token,
                        Auth.ClientAuthentication.of(one.text("client", "body")),
                        Auth.RequestFormat.of(one.text("request", "form")),
                        parameters,
                        texts(one.find("scopes")),
                        lifetime,
                        refreshAhead(one.find("refresh_ahead")),
                        one.flag("rotates", true),
                        one.durationOrNull("reuse_leeway"),
                        keep,
                        deadGrant,
                        hint);
    }

    private static Map<String, String> parameters(@Nullable Section section) {
        SequencedMap<String, String> parameters = new LinkedHashMap<>();
        if (section != null) {
            section.members().forEach((name, value) -> {
                if (OWN_PARAMETERS.contains(name)) {
                    value.problems()
                            .errorAtKey(
                                    value.pointer(),
                                    "the token request fills the parameter " + name + " by itself",
                                    "remove it here");
                }
                parameters.put(name, value.text());
            });
        }
        return parameters;
    }

    private static List<String> texts(@Nullable Section list) {
        return list == null
                ? List.of()
                : list.items().stream().map(Section::text).toList();
    }

    private static Auth.RefreshAhead refreshAhead(@Nullable Section section) {
        Auth.RefreshAhead standard = Auth.RefreshAhead.DEFAULT;
        return section == null
                ? standard
                : new Auth.RefreshAhead(
                        section.has("share") ? section.get("share").node().asDouble() : standard.share(),
                        section.duration("at_most", standard.atMost()));
    }

    private SequencedMap<JsonPointer, String> keep(@Nullable Section section) {
        SequencedMap<JsonPointer, String> keep = new LinkedHashMap<>();
        if (section != null) {
            section.members().forEach((pointer, name) -> {
                if (!variables.containsKey(name.text())) {
                    ConnectorReader.unknown(name, "variable", variables.keySet());
                } else if (keep.containsValue(name.text())) {
                    name.error("the variable '" + name.text() + "' is kept twice", "keep one of them");
                }
                keep.put(JsonPointer.compile(pointer), name.text());
            });
        }
        return keep;
    }

    private static List<Auth.ReplyCondition> deadGrant(@Nullable Section section) {
        if (section == null) {
            return List.of(new Auth.ReplyCondition(
                    StatusSet.of(List.of(400)),
                    List.of(new BodyCondition(
                            JsonPointer.compile("/error"),
                            new BodyCondition.EqualToAny(
                                    List.of(JsonNodeFactory.instance.stringNode("invalid_grant")))))));
        }
        List<Auth.ReplyCondition> conditions = new ArrayList<>();
        for (Section one : section.items()) {
            StatusSet statuses = ErrorRulesReader.statuses(one.find("status"));
            if (statuses != null) {
                conditions.add(new Auth.ReplyCondition(statuses, ErrorRulesReader.body(one.find("body"))));
            }
        }
        return conditions;
    }
}
