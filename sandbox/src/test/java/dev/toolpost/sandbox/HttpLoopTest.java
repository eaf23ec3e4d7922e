package dev.toolpost.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpLoopTest {

    private final HttpLoop loop = new HttpLoop("test", "127.0.0.1", 0, HttpLoopTest::echo).start();

    private static void echo(HttpExchange exchange) {
        exchange.answer()
                .text(exchange.method() + " " + exchange.path() + " q=" + exchange.query("q") + " [")
                .raw(exchange.body())
                .text("]");
        exchange.send();
    }

    @AfterEach
    void stop() {
        loop.close();
    }

    @Test
    void aRequestMayArriveByteByByte() throws Exception {
        try (Socket socket = Http.connect(loop.uri())) {
            OutputStream out = socket.getOutputStream();
            for (byte b : Http.request("POST /a?q=%C3%A4+1 HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello")) {
                out.write(b);
            }
            assertThat(Http.readUntil(socket.getInputStream(), "]")).endsWith("POST /a q=Ã¤ 1 [hello]");
        }
    }

    @Test
    void headAndBodyMayArriveApart() throws Exception {
        try (Socket socket = Http.connect(loop.uri())) {
            OutputStream out = socket.getOutputStream();
            for (int i = 0; i < 20; i++) {
                out.write(Http.request("POST /" + i + " HTTP/1.1\nHost: x\nContent-Length: 2\n\n"));
                Thread.sleep(2);
                out.write(Http.request("ok"));
                assertThat(Http.readUntil(socket.getInputStream(), "]")).endsWith("POST /" + i + " q=null [ok]");
            }
        }
    }

    @Test
    void chunkedBodiesAreTaken() throws Exception {
        try (Socket socket = Http.connect(loop.uri())) {
            socket.getOutputStream()
                    .write(
                            Http.request(
                                    "PUT /c HTTP/1.1\nTransfer-Encoding: chunked\n\n3;x=1\nabc\n2\nde\n0\nTrailer: y\n\nGET /d HTTP/1.1\n\n"));
            assertThat(Http.readUntil(socket.getInputStream(), "]")).endsWith("PUT /c q=null [abcde]");
            assertThat(Http.readUntil(socket.getInputStream(), "]")).endsWith("GET /d q=null []");
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        try (Socket socket = Http.connect(loop.uri())) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 200; i++) {
                all.append("GET /").append(i).append(" HTTP/1.1\nHost: x\n\n");
            }
            socket.getOutputStream().write(Http.request(all.toString()));
            for (int i = 0; i < 200; i++) {
                assertThat(Http.readUntil(socket.getInputStream(), "]")).endsWith("GET /" + i + " q=null []");
            }
        }
    }

    @Test
    void anExpectedContinueIsGiven() throws Exception {
        try (Socket socket = Http.connect(loop.uri())) {
            socket.getOutputStream()
                    .write(Http.request("POST /e HTTP/1.1\nExpect: 100-continue\nContent-Length: 2\n\n"));
            assertThat(Http.readUntil(socket.getInputStream(), "\r\n\r\n")).startsWith("HTTP/1.1 100");
            socket.getOutputStream().write(Http.request("ok"));
            assertThat(Http.readUntil(socket.getInputStream(), "]")).endsWith("[ok]");
        }
    }

    @Test
    void aBodyOfMegabytesGoesBothWays() throws Exception {
        String body = "x".repeat(5 << 20);
        Http.Answer answer = Http.send(loop.uri(), "POST", "/big", body);
        assertThat(answer.body()).hasSize("POST /big q=null []".length() + body.length());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\n\n",
                "GET / HTTP/1.1\nno colon\n\n",
                "GET / HTTP/1.1\nContent-Length: -1\n\n",
                "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\nzz\n",
                "POST / HTTP/1.1\nContent-Length: 99999999\n\n"
            })
    void badRequestsAreRefusedAndTheConnectionCloses(String text) throws Exception {
        try (Socket socket = Http.connect(loop.uri())) {
            socket.getOutputStream().write(Http.request(text));
            assertThat(Http.readUntil(socket.getInputStream(), "never")).startsWith("HTTP/1.1 4");
        }
    }

    @Test
    void connectionCloseIsHonoured() throws Exception {
        try (Socket socket = Http.connect(loop.uri())) {
            socket.getOutputStream().write(Http.request("GET /x HTTP/1.1\nConnection: close\n\n"));
            assertThat(Http.readUntil(socket.getInputStream(), "never"))
                    .contains("Connection: close")
                    .endsWith("]");
        }
    }

    @Test
    void manyIdleConnectionsDoNotHarmOthers() throws Exception {
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                idle.add(Http.connect(loop.uri()));
            }
            assertThat(Http.send(loop.uri(), "GET", "/x", null).status()).isEqualTo(200);
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }
}
