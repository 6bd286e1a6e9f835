/* Five bodies under gravity, double precision: sqrt, divisions and (where the compiler contracts) fused multiply-add. */
#include "kernel.h"
#include <math.h>
#include <string.h>

enum { BODIES = 5 };

struct body {
    double x, y, z, vx, vy, vz, mass;
};

/* A made-up system: a heavy body in the middle, four light ones around it. */
static struct body bodies[BODIES] = {
    {0, 0, 0, 0, 0, 0, 40},
    {5, -1, 0.1, 0.6, 2.7, 0.02, 0.04},
    {8, 4, -0.4, -1.0, 1.8, 0.01, 0.01},
    {12, -15, -0.2, 1.1, 0.9, -0.01, 0.002},
    {15, -26, 0.2, 1.0, 0.6, -0.03, 0.002},
};

static void advance(double dt)
{
    for (int i = 0; i < BODIES; i++) {
        struct body *a = &bodies[i];
        for (int j = i + 1; j < BODIES; j++) {
            struct body *b = &bodies[j];
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            double square = dx * dx + dy * dy + dz * dz;
            double pull = dt / (square * sqrt(square));
            a->vx -= dx * b->mass * pull;
            a->vy -= dy * b->mass * pull;
            a->vz -= dz * b->mass * pull;
            b->vx += dx * a->mass * pull;
            b->vy += dy * a->mass * pull;
            b->vz += dz * a->mass * pull;
        }
    }
    for (int i = 0; i < BODIES; i++) {
        bodies[i].x += dt * bodies[i].vx;
        bodies[i].y += dt * bodies[i].vy;
        bodies[i].z += dt * bodies[i].vz;
    }
}

static double energy(void)
{
    double sum = 0;
    for (int i = 0; i < BODIES; i++) {
        struct body *a = &bodies[i];
        sum += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
        for (int j = i + 1; j < BODIES; j++) {
            double dx = a->x - bodies[j].x, dy = a->y - bodies[j].y, dz = a->z - bodies[j].z;
            sum -= a->mass * bodies[j].mass / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return sum;
}

/* The checksum is the energy, in millionths: it is conserved, so that a fused a*b+c (its last bits differ) cannot move it. */
int main(int argc, char **argv)
{
    long rounds = iterations(argc, argv, 220);
    for (long i = 0; i < rounds * 100000; i++)
        advance(0.0001);
    return report("nbody", (uint64_t)llround(energy() * 1e6));
}
