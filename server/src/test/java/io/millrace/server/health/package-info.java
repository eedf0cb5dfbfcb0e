/** Tests of health decisions. */
@NullMarked
package io.millrace.server.health;

import org.jspecify.annotations.NullMarked;
