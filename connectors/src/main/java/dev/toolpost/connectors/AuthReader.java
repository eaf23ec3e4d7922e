package dev.toolpost.connectors;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/** Reads the ways to authenticate. Used once. */
final class AuthReader {
    /** Kinds that sign every request. Their names are taken, and nothing is built for them yet. */
    static final Set<String> RESERVED_KINDS = Set.of("aws_sigv4", "oauth1", "hmac", "wsse");

    private final Section auth;
    private final Map<String, Variable> variables;
    private final SequencedMap<String, BaseUrl> baseUrls = new LinkedHashMap<>();

    AuthReader(Section auth, Map<String, Variable> variables) {
        this.auth = auth;
        this.variables = variables;
    }

    List<Auth> read() {
        List<Auth> alternatives = new ArrayList<>();
        Set<String> ids = new LinkedHashSet<>();
        for (Section one : auth.items()) {
            String kind = one.text("kind");
            String id = one.text("id", kind);
            if (!ids.add(id)) {
                one.get(one.has("id") ? "id" : "kind")
                        .error(
                                "a second alternative of " + (id.equals(kind) ? "kind " : "id ") + id,
                                "a connection could not tell them apart; give one of them an id of its own");
            }
            Auth alternative = alternative(one, kind, id);
            if (alternative != null) {
                alternatives.add(alternative);
            }
            Section baseUrl = one.find("base_url");
            BaseUrl own = baseUrl == null ? null : new BaseUrlReader(baseUrl, "base_url", variables).read();
            if (own != null) {
                baseUrls.put(id, own);
            }
        }
        return alternatives;
    }

    /** Base URLs of alternatives that have one of their own, by their ids; known once {@link #read()} is done. */
    SequencedMap<String, BaseUrl> baseUrls() {
        return baseUrls;
    }

    private @Nullable Auth alternative(Section one, String kind, String id) {
        Auth.About about = new Auth.About(
                id,
                one.text("hint", ""),
                kind.equals(Auth.ClientCertificate.KIND) || one.flag("client_certificate", false));
        return switch (kind) {
            case Auth.None.KIND -> new Auth.None(about);
            case Auth.ApiKeyHeader.KIND -> {
                refuseKeyHeader(one.get("name"));
                yield new Auth.ApiKeyHeader(one.text("name"), one.text("prefix", ""), about);
            }
            case Auth.ApiKeyQuery.KIND -> new Auth.ApiKeyQuery(one.text("name"), about);
            case Auth.ApiKeyBody.KIND -> new Auth.ApiKeyBody(bodyPlace(one), about);
            case Auth.ApiKeyPath.KIND -> keyInPath(one.get("segment"), about);
            case Auth.Basic.KIND -> new Auth.Basic(about);
            case Auth.Password.KIND -> new Auth.Password(about);
            case Auth.Bearer.KIND -> new Auth.Bearer(about);
            case Auth.ClientCertificate.KIND -> new Auth.ClientCertificate(about);
            case Auth.OAuth2.KIND -> new TokenAuthReader(one, variables, about).refreshToken();
            case Auth.ClientCredentials.KIND -> new TokenAuthReader(one, variables, about).clientCredentials();
            case Auth.JwtBearer.KIND -> new TokenAuthReader(one, variables, about).jwtBearer();
            case Auth.Session.KIND -> new SessionReader(one, variables, about).read();
            default -> reserved(one, kind);
        };
    }

    private static @Nullable Auth reserved(Section one, String kind) {
        if (!RESERVED_KINDS.contains(kind)) {
            throw new IllegalStateException("the format's schema lets auth kind " + kind + " pass");
        }
        one.get("kind")
                .error(
                        "the kind " + kind + " signs every request, which is not built yet; its name is reserved",
                        "use another way to authenticate that the vendor has, such as OAuth 2.0 or a key");
        return null;
    }

    static void refuseKeyHeader(Section name) {
        String header = name.text().toLowerCase(Locale.ROOT);
        if (ConnectorReader.RESERVED_HEADERS.contains(header)
                && !header.equals("authorization")
                && !header.equals("cookie")) {
            name.error("the header " + name.text() + " cannot take a key", "the HTTP client sets it");
        }
    }

    private static JsonPointer bodyPlace(Section one) {
        if (one.has("name") == one.has("pointer")) {
            one.error(
                    one.has("name")
                            ? "both name and pointer say where the key goes"
                            : "nothing says where the key goes",
                    "write name: FIELD for a field of the body, or pointer: /deep/field");
        }
        return one.has("pointer")
                ? one.get("pointer").jsonPointer()
                : JsonPointer.empty().appendProperty(one.text("name", "key"));
    }

    private static @Nullable Auth keyInPath(Section segment, Auth.About about) {
        TextTemplate template = segment.parsed(TextTemplate::parse);
        if (template == null) {
            return null;
        }
        if (!List.copyOf(template.arguments()).equals(List.of("key"))
                || template.parts().size() > 3
                || !template.source().matches("(/[A-Za-z0-9._~:@-]*(\\{key}[A-Za-z0-9._~:@-]*)?)+")
                || Arrays.stream(template.source().substring(1).split("/", -1))
                        .anyMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."))) {
            segment.error(
                    "segment: '" + segment.text()
                            + "' (expected: a slash, letters, digits and {key} once, such as /bot{key})",
                    "it stands between the base URL and a tool's path");
            return null;
        }
        return new Auth.ApiKeyPath(template, about);
    }
}
