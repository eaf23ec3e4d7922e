package dev.toolpost.worker;

import dev.toolpost.worker.rig.OnKafkaImage;

/** As the class above, bad input of every kind, on the {@code apache/kafka} image. */
@OnKafkaImage
class BadInputOnKafkaImageTest extends BadInputTest {}
