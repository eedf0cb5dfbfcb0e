@NullMarked
package io.millrace.client.observation;

import org.jspecify.annotations.NullMarked;
