package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ViewExpressionTest {
    @Test
    void mapsWhatItIsGiven() throws ViewException {
        ViewExpression expression = ViewExpression.compile("{ 'id': $string(n), 'all': [list.a] }");

        assertThat(expression.evaluate(Map.of("n", 7, "list", List.of(Map.of("a", "x"), Map.of("a", "y")))))
                .isEqualTo(Map.of("id", "7", "all", List.of("x", "y")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ 'a': ",
                "$x(",
                "a[",
                "'open",
                "/(a+)+$/",
                "$match(a, /b/)",
                "$eval(a)",
                "$pad('x', 1000000000)",
                "a / b",
            })
    void refusesWhatIsNoExpressionOrHasNoBound(String source) {
        assertThatThrownBy(() -> ViewExpression.compile(source)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSlashInATextANameOrACommentIsNoRegularExpression() throws ViewException {
        assertThat(ViewExpression.compile("/* a / b */ 'x\\\"/y' & `n/a` & \"/\"")
                        .evaluate(Map.of("n/a", "1")))
                .isEqualTo("x\"/y1/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "($f := function() { $f() }; $f())",
                "($f := function($n) { 1 + $f($n) }; $f(1))",
                "$reduce([1..40], function($a, $b) { $a & $a }, 'xxxxxxxxxx')",
                "[1..9999999].{ 'a': $ }",
                "($t := $join([1..10000].('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')); $count([1..2000].($t & $string($))))",
                "($t := $join([1..9000].('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')); $replace($t, 'a', $t))",
                "($t := $join([1..9000].('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')); $join($split($t, 'a'), $t))",
                "($t := $join([1..9000].('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')); $l := $reduce([1..18], function($a, $b) { $append($a, $a) }, [$t]); $l & '')",
                "$map([1..900000], function($v) { $map([1..900000], function($w) { $v * $w }) })",
            })
    @Timeout(20)
    void endsWhatWouldRunOrGrowWithoutEnd(String source) {
        ViewExpression expression = ViewExpression.compile(source);

        assertThatThrownBy(() -> expression.evaluate(Map.of())).isInstanceOf(ViewException.class);
    }

    @Test
    void textsAreJoinedAndReplacedAsJsonataDoes() throws ViewException {
        Map<String, Object> input = Map.of("list", List.of("a", "b"), "one", "x", "text", "2026-11-02+0000");

        assertThat(ViewExpression.compile("$join(list, '-') & $join(list) & $join(one)")
                        .evaluate(input))
                .isEqualTo("a-babx");
        assertThat(ViewExpression.compile("$replace(text, '+0000', 'Z')").evaluate(input))
                .isEqualTo("2026-11-02Z");
        assertThat(ViewExpression.compile("text.$replace('0', 'o', 2)").evaluate(input))
                .isEqualTo("2o26-11-o2+0000");
        assertThat(ViewExpression.compile("$replace(none, 'a', 'b')").evaluate(input))
                .isNull();
        assertThat(ViewExpression.compile("$join(none)").evaluate(input)).isNull();
    }

    @Test
    void sourceThatNestsWithoutEndIsRefusedAndNotRead() {
        assertThatThrownBy(() -> ViewExpression.compile("(".repeat(9_000))).hasMessageContaining("nest");
        assertThatThrownBy(() -> ViewExpression.compile("-".repeat(9_000) + "1"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void manyThreadsShareOneExpressionWithoutMixingTheirRecords() throws Exception {
        ViewExpression expression = ViewExpression.compile(
                "($own := n; $own2 := $own & '-' & n; { 'id': $own2, 'list': $map([1..5], function($i) { $own & $i }) })");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Object>> results = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                String own = "n" + i;
                results.add(threads.submit(() -> expression.evaluate(Map.of("n", own))));
            }
            for (int i = 0; i < results.size(); i++) {
                String own = "n" + i;
                assertThat(results.get(i).get())
                        .isEqualTo(Map.of(
                                "id", own + "-" + own, "list", List.of(own + 1, own + 2, own + 3, own + 4, own + 5)));
            }
        }
    }
}
