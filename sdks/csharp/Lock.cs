using System;

namespace Gojinn
{
    /// <summary>A lock of the function's tenant, which ends by itself. Disposing gives it back.</summary>
    public sealed class Lock : IDisposable
    {
        private bool held = true;

        private Lock()
        {
        }

        /// <summary>Its name.</summary>
        public string Name { get; private set; }

        /// <summary>A secret by which any function of the tenant may renew or release it.</summary>
        public string Owner { get; private set; }

        /// <summary>Higher than that of whoever had the lock before.</summary>
        public long Token { get; private set; }

        /// <summary>Seconds for which it was given.</summary>
        public double Ttl { get; private set; }

        /// <summary>Takes a lock for some seconds, waiting for it up to <paramref name="wait"/> of them.</summary>
        /// <exception cref="ConflictException">Somebody has it.</exception>
        public static Lock Acquire(string name, double ttl = 60, double wait = 0)
        {
            var given = Host.Call("lock.acquire", Fields.Of("name", name).With("ttl", ttl).With("wait", wait));
            return new Lock { Name = name, Owner = Host.Text(given, "owner"), Token = Host.Number(given, "token"), Ttl = Convert.ToDouble(given["ttl"]) };
        }

        /// <summary>Makes it last some seconds from now.</summary>
        /// <exception cref="ConflictException">It has been lost.</exception>
        public void Renew(double ttl = 60)
        {
            Ttl = Convert.ToDouble(Host.Call("lock.renew", Fields.Of("name", Name).With("owner", Owner).With("ttl", ttl))["ttl"]);
        }

        /// <summary>Gives it back.</summary>
        /// <exception cref="ConflictException">It was lost.</exception>
        public void Release()
        {
            held = false;
            Host.Call("lock.release", Fields.Of("name", Name).With("owner", Owner));
        }

        /// <summary>Gives it back unless that has been done.</summary>
        public void Dispose()
        {
            if (held) Release();
        }
    }
}
